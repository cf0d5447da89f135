internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl users`.
struct UsersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "users",
        abstract: "The users that prefd holds something on, by pseudonym."
    )

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try output.show(try await connection.adminClient().users(), UserViews.list)
    }
}
