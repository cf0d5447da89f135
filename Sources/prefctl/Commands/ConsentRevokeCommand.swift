internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl consent revoke`.
struct ConsentRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Withdraw scopes; what they had gathered is erased."
    )

    @Argument(help: "The scopes.")
    var scopes: [String]

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let decisions = ConsentDecisions(
            consents: scopes.map { ScopedConsentDecision(scope: $0, granted: false) }
        )
        try output.show(try await connection.client().decide(decisions), ConsentViews.changes)
    }
}
