internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl user show`.
struct UserShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "What is held on one user."
    )

    @Argument(help: "The user's pseudonym, as in the journal and `prefctl users`.")
    var pseudonym: String

    @Option(help: ArgumentHelp("Why; it is journaled.", valueName: "words"))
    var reason: String

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let record = try await connection.adminClient().user(pseudonym, reason: reason)
        try output.show(record, UserViews.record)
    }
}
