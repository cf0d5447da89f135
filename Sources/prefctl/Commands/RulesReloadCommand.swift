internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl rules reload`.
struct RulesReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Read the rules again."
    )

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let report = try await connection.adminClient().reloadRules()
        try output.show(report, ServiceViews.reload)
        if !report.ok { throw ExitStatus.failed }
    }
}
