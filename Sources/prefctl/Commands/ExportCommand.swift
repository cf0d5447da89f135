internal import ArgumentParser
internal import PrefControl

/// `prefctl export`: always JSON, since that is what the document is.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Everything that prefd holds on you, as one JSON document."
    )

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        Console.print(try JSONText.of(try await connection.client().export()))
    }
}
