internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl consent grant`.
struct ConsentGrantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant",
        abstract: "Grant scopes."
    )

    @Argument(help: "The scopes, such as signals.explicit or share:APP.")
    var scopes: [String]

    @Option(
        help: ArgumentHelp("How long what they gather is kept, such as 90d.", valueName: "duration")
    )
    var retention: String?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let retention, Retention.seconds(retention) == nil {
            throw ValidationError("A retention is \(Retention.syntax).")
        }
    }

    func run() async throws {
        let decisions = ConsentDecisions(
            consents: scopes.map {
                ScopedConsentDecision(scope: $0, granted: true, retention: retention)
            }
        )
        try output.show(try await connection.client().decide(decisions), ConsentViews.changes)
    }
}
