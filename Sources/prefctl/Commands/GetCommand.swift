internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl get`.
struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Show what is set."
    )

    @Argument(help: "Only this dimension.")
    var dimension: String?

    @Flag(help: "Also what is not set, with the values that it takes.")
    var all = false

    @OptionGroup var context: ContextOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = connection.client()
        if let dimension {
            let id = DimensionID(rawValue: dimension)
            try output.show(
                try await client.preference(id, in: context.context),
                PreferenceViews.one
            )
        } else if all {
            let dimensions = try await client.dimensions()
            let list = try await client.preferences(in: context.context)
            try output.show(
                AllPreferences(dimensions: dimensions.dimensions, preferences: list.preferences)
            ) {
                PreferenceViews.all(DimensionList(dimensions: $0.dimensions), list, $1)
            }
        } else {
            try output.show(
                try await client.preferences(in: context.context),
                PreferenceViews.list
            )
        }
    }
}

/// What `prefctl get --all --json` prints: the vocabulary, and what is set.
private struct AllPreferences: Encodable {
    let dimensions: [Dimension]
    let preferences: [PreferenceEntry]
}
