internal import FoundationEssentials
internal import PrefControl
internal import PrefModel
internal import PrefStore

extension AdminAPI {
    /// `GET /prefd/v1/admin/audit?checkpoint=SEQUENCE:HASH`.
    func verifyAudit(_ call: Call) async throws(APIRefusal) -> APIResponse {
        for (name, _) in call.query where name != "checkpoint" {
            throw .malformed(
                "The query has a name that this call does not take.",
                hint: "It takes checkpoint."
            )
        }
        let checkpoint = call.query.last?.value
        let report = try await data.fromStore {
            try await custody.verifyAudit(checkpoint: checkpoint)
        }
        guard let report else {
            throw .badValue(
                "checkpoint is none.",
                hint: "It is SEQUENCE:HASH, as the journal and an earlier verification have it."
            )
        }
        return try .json(AuditVerdict(report))
    }

    /// `POST /prefd/v1/admin/audit/receipt`.
    func verifyReceipt(_ call: Call) async throws(APIRefusal) -> APIResponse {
        let receipt: ErasureReceipt
        do {
            receipt = try PrefJSON.decode(
                ErasureReceipt.self,
                from: Data(call.request.body)
            )
        } catch {
            throw .malformed(
                "The body is no receipt of an erasure.",
                hint:
                    "Send the JSON that DELETE /prefd/v1/me (or: prefctl forget-me --json) answered with."
            )
        }
        guard custody.verify(receipt) else {
            return try .json(ReceiptVerdict(valid: false, entry: nil))
        }
        let entry = try await data.fromStore { try await custody.auditEntry(of: receipt) }
        return try .json(ReceiptVerdict(valid: true, entry: entry))
    }

    /// Has the audit log say what an admin is about to do; where it cannot, nothing is done.
    func enter(_ action: String, _ call: Call, subject: String? = nil) async throws(APIRefusal) {
        let admin = data.journal.pseudonym(call.request.principal)
        try await data.fromStore {
            try await custody.enter(.admin(action, by: admin, subject: subject))
        }
    }
}

extension AuditVerdict {
    fileprivate init(_ report: AuditReport) {
        self.init(
            entries: report.entries,
            first: Int(clamping: report.first),
            head: report.head,
            checkpoint: report.checkpoint,
            publicKey: report.publicKey,
            problems: report.problems.map { Problem(line: $0.line, message: $0.message) }
        )
    }
}
