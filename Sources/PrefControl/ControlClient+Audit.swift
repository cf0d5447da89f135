extension ControlClient {
    private static let audit = "/prefd/v1/admin/audit"

    /// Verifies the audit log, also against a checkpoint that was noted down elsewhere.
    public func verifyAudit(checkpoint: String?) async throws(ControlFailure) -> AuditVerdict {
        try await call("GET", Self.audit, query: [("checkpoint", checkpoint)])
    }

    /// Verifies an erasure's receipt.
    public func verify(_ receipt: Erasure) async throws(ControlFailure) -> ReceiptVerdict {
        try await call("POST", Self.audit + "/receipt", sending: receipt)
    }
}
