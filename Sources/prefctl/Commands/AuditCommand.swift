internal import ArgumentParser

/// `prefctl audit …`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Verify the log of consents, erasures and admins' acts.",
        subcommands: [AuditVerifyCommand.self, AuditReceiptCommand.self]
    )
}
