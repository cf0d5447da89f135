public import PrefStore

/// What the admin's calls on keys need of the store.
public protocol Custody: Sendable {
    /// The state of the keys.
    func keyReport() async throws(StoreError) -> KeyReport
    /// Exchanges the master key for a new one.
    func changeMasterKey() async throws(StoreError)
    /// Gives the user of a pseudonym another data key; false where there is no such user.
    func changeDataKey(pseudonym: String) async throws(StoreError) -> Bool
    /// What keeps the store.
    var kind: StoreKind { get }
    /// The key under which the audit log's checkpoints verify.
    var auditKey: String { get }
    /// Writes an entry into the audit log.
    func enter(_ action: AuditAction) async throws(StoreError)
    /// Verifies the audit log, against a checkpoint where one is given; nil where that is none.
    func verifyAudit(checkpoint: String?) async throws(StoreError) -> AuditReport?
    /// Whether a receipt is this store's own, unchanged.
    func verify(_ receipt: ErasureReceipt) -> Bool
    /// The audit log's entry about a receipt.
    func auditEntry(of receipt: ErasureReceipt) async throws(StoreError) -> Int?
}

extension Store: Custody {}
