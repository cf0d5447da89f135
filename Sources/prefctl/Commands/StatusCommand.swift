internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Whether prefd is ready, and by which parts."
    )

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let readiness = try await connection.client().readiness()
        let service = connection.adminIsOpen ? try? await connection.adminClient().status() : nil
        try output.show(StatusReport(readiness: readiness, service: service), ServiceViews.status)
        if !readiness.ready { throw ExitStatus.failed }
    }
}
