internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl rules list`.
struct RulesListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "The rules in force."
    )

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try output.show(try await connection.adminClient().rules(), RuleViews.list)
    }
}
