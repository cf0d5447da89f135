internal import ArgumentParser
internal import PrefControl

/// `prefctl metrics`: Prometheus text, or the same text inside JSON.
struct MetricsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "The service's metrics, as Prometheus reads them."
    )

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let text = try await connection.adminClient().metrics()
        try output.show(MetricsText(prometheus: text)) { answer, _ in
            SafeText.lines(answer.prometheus)
        }
    }
}

private struct MetricsText: Encodable {
    let prometheus: String
}
