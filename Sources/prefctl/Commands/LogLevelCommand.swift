public import ArgumentParser
public import PrefControl
internal import PrefModel

/// `prefctl log level`.
struct LogLevelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "level",
        abstract: "Show the log level, or change it until the next reload or restart.",
        discussion:
            "The levels are error, warning, notice, info and debug, each with those before it."
    )

    @Argument(help: "The new level; shown, if left out.")
    var level: LogLevel?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = connection.adminClient()
        let setting =
            if let level { try await client.setLogLevel(level) } else {
                try await client.logLevel()
            }
        try output.show(setting) { answer, _ in answer.level.rawValue }
    }
}

extension LogLevel: ExpressibleByArgument {}
