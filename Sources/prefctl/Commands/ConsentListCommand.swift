internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl consent list`.
struct ConsentListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Every scope, and whether it is granted."
    )

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try output.show(try await connection.client().consents(), ConsentViews.list)
    }
}
