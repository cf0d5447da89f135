internal import ArgumentParser
internal import PrefControl

/// `prefctl key status`.
struct KeyStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Ages, counts and algorithms of the store's keys."
    )

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try output.show(try await connection.adminClient().keyStatus(), KeyViews.status)
    }
}
