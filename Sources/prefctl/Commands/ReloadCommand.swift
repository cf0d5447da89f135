internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl reload`.
struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Read config and rules again."
    )

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let report = try await connection.adminClient().reload()
        try output.show(report, ServiceViews.reload)
        if !report.ok { throw ExitStatus.failed }
    }
}
