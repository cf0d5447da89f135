internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl unset`.
struct UnsetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unset",
        abstract: "Forget preferences."
    )

    @Argument(help: "The dimensions; in every context, unless one is given.")
    var dimensions: [String] = []

    @Flag(help: "Every dimension.")
    var all = false

    @OptionGroup var context: ContextOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard dimensions.isEmpty == all else {
            throw ValidationError("Name at least one dimension, or give --all.")
        }
    }

    func run() async throws {
        let client = connection.client()
        var removed = 0
        for dimension in dimensions {
            removed += try await client.removePreferences(
                of: DimensionID(rawValue: dimension),
                in: context.context
            ).removed
        }
        if all {
            removed = try await client.removePreferences(of: nil, in: context.context).removed
        }
        try output.show(PreferencesRemoved(removed: removed), PreferenceViews.removed)
    }
}
