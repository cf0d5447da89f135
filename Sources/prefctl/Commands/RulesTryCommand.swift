internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl rules try`.
struct RulesTryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "try",
        abstract: "What the rules do to a text."
    )

    @Option(help: "The text; standard input, if left out.")
    var text: String?

    @Option(help: ArgumentHelp("output, reasoning or tool_args.", valueName: "surface"))
    var surface: String?

    @Option(
        help: ArgumentHelp("Other packs than those in force.", valueName: "path"),
        completion: .file()
    )
    var directory: String?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let trial = RuleTrial(
            text: text ?? Console.standardInput(),
            surface: surface,
            directory: directory.map(AbsolutePath.of)
        )
        try output.show(try await connection.adminClient().tryRules(trial), RuleViews.trial)
    }
}
