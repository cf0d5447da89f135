internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl user forget`.
struct UserForgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Erase everything on one user."
    )

    @Argument(help: "The user's pseudonym, as in the journal and `prefctl users`.")
    var pseudonym: String

    @Option(help: ArgumentHelp("Why; it is journaled.", valueName: "words"))
    var reason: String

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let erasure = try await connection.adminClient().forget(pseudonym, reason: reason)
        try output.show(erasure, UserViews.erasure)
    }
}
