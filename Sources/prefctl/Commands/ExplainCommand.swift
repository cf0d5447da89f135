internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl explain`.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "What prefd did with one of your requests, and why."
    )

    @Argument(help: "The request's id, from x-prefd-request-id; the latest, if left out.")
    var id = "last"

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let explanation = try await connection.client().explanation(of: id)
        try output.show(explanation, ExplanationViews.explanation)
    }
}
