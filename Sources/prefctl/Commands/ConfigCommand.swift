internal import ArgumentParser

/// `prefctl config …`.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "The service's configuration.",
        subcommands: [ConfigCheckCommand.self]
    )
}
