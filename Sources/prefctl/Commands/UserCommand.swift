internal import ArgumentParser

/// `prefctl user …`.
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "See or forget one user; the reason is journaled.",
        subcommands: [UserShowCommand.self, UserForgetCommand.self]
    )
}
