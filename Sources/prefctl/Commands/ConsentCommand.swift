internal import ArgumentParser

/// `prefctl consent …`.
struct ConsentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consent",
        abstract: "See, grant and withdraw consent.",
        subcommands: [
            ConsentListCommand.self, ConsentGrantCommand.self, ConsentRevokeCommand.self,
        ],
        defaultSubcommand: ConsentListCommand.self
    )
}
