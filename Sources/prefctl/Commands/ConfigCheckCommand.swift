internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl config check`.
struct ConfigCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Whether the service would start with a config file."
    )

    @Option(
        help: ArgumentHelp("The file; the one in force, if left out.", valueName: "path"),
        completion: .file()
    )
    var config: String?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let request = ConfigCheckRequest(file: config.map(AbsolutePath.of))
        let report = try await connection.adminClient().checkConfig(request)
        try output.show(report, ServiceViews.config)
        if !report.ok { throw ExitStatus.failed }
    }
}
