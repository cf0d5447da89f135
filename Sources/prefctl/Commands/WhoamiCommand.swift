internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl whoami`.
struct WhoamiCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami",
        abstract: "Who prefd says you are."
    )

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try output.show(try await connection.client().identity(), ServiceViews.identity)
    }
}
