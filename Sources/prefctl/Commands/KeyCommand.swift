internal import ArgumentParser

/// `prefctl key …`.
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "See the state of the store's keys, and change them.",
        subcommands: [KeyStatusCommand.self, KeyRotateCommand.self]
    )
}
