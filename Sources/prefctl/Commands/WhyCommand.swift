internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl why`.
struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "What stands behind a preference."
    )

    @Argument(help: "The dimension.")
    var dimension: String

    @OptionGroup var context: ContextOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await connection.client()
            .why(DimensionID(rawValue: dimension), in: context.context)
        try output.show(answer, PreferenceViews.why)
    }
}
