internal import ArgumentParser

/// `prefctl log`.
struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "What prefd writes to the journal (for admins).",
        subcommands: [LogLevelCommand.self]
    )
}
