internal import ArgumentParser
internal import PrefControl

/// `prefctl key rotate`.
struct KeyRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Change the master key, or one user's data key, for a new one.",
        discussion: """
            A master key in a file is changed while prefd runs: prefd makes the new one in its place. One \
            that is a systemd credential is changed by a restart: make the old one NAME.previous and a new \
            one NAME. Either way nobody's rows are touched. With --user, everything of that user is sealed \
            anew under another key.
            """
    )

    @Option(
        help: ArgumentHelp(
            "Only this user's data key; the pseudonym as in `prefctl users`.",
            valueName: "pseudonym"
        )
    )
    var user: String?

    @Option(help: ArgumentHelp("Why; it is journaled.", valueName: "words"))
    var reason: String?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let status = try await connection.adminClient()
            .rotate(KeyRotation(user: user, reason: reason))
        try output.show(status) { status, style in
            let done =
                user == nil
                ? "The store is under a new master key." : "The user has a new data key."
            return done + "\n" + KeyViews.status(status, style)
        }
    }
}
