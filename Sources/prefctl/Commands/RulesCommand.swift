internal import ArgumentParser

/// `prefctl rules …`.
///
/// The service itself reads and runs rules, so that what is tried is what is enforced: a directory
/// must be one that the service may read.
struct RulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "The universal rules.",
        subcommands: [
            RulesListCommand.self, RulesLintCommand.self, RulesTestCommand.self,
            RulesTryCommand.self, RulesNewCommand.self, RulesReloadCommand.self,
        ],
        defaultSubcommand: RulesListCommand.self
    )
}
