internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl rules test`.
struct RulesTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run the rules' own cases."
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
        let report = try await connection.adminClient().testRules(directory)
        try output.show(report, RuleViews.test)
        if !report.ok { throw ExitStatus.failed }
    }
}
