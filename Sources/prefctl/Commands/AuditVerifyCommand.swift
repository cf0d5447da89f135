internal import ArgumentParser
internal import PrefControl

/// `prefctl audit verify`.
struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Find whatever in the audit log is not as it was written.",
        discussion: """
            A log that was rolled back together with everything else can only be told from outside: give \
            a checkpoint that the journal has (journalctl -t prefd PREFD_EVENT=audit-checkpoint, the \
            field PREFD_CHECKPOINT), or one that an earlier verification printed.
            """
    )

    @Option(
        help: ArgumentHelp("A checkpoint from elsewhere to hold it against.", valueName: "seq:hash")
    )
    var checkpoint: String?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let verdict = try await connection.adminClient().verifyAudit(checkpoint: checkpoint)
        try output.show(verdict, AuditViews.verdict)
        if !verdict.ok { throw ExitStatus.failed }
    }
}
