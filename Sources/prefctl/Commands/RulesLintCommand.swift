internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl rules lint`.
struct RulesLintCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Whether rule packs would load."
    )

    @Argument(
        help: ArgumentHelp(
            "A directory of packs, or one pack, that the service may read; those in force, if left out.",
            valueName: "path"
        ),
        completion: .file()
    )
    var path: String?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let directory = RuleDirectory(directory: path.map(AbsolutePath.of))
        let report = try await connection.adminClient().lintRules(directory)
        try output.show(report, RuleViews.lint)
        if !report.ok { throw ExitStatus.failed }
    }
}
