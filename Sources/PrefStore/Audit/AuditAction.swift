internal import PrefModel

/// Something that the audit log remembers.
///
/// Names of the vocabulary, counts, pseudonyms and receipts' ids: never a text, a reason or a user id.
public struct AuditAction: Sendable {
    /// What was done.
    public enum Kind: String, Sendable, CaseIterable {
        /// A consent was given.
        case consentGranted = "consent-granted"
        /// A consent ended, with what it had gathered.
        case consentWithdrawn = "consent-withdrawn"
        /// Everything of a user was erased.
        case userErased = "user-erased"
        /// Rows of users whose keys were gone were deleted: an erasure that had been cut short.
        case erasureFinished = "erasure-finished"
        /// The store is under another master key.
        case masterKeyChanged = "master-key-changed"
        /// A user's rows are under another data key.
        case dataKeyChanged = "data-key-changed"
        /// An admin asked for something.
        case adminAction = "admin-action"
        /// Configuration and rules, or rules alone, were read again.
        case reloaded
        /// The database does not know the entries before this one: prefd ended before their commit, or
        /// an older database was put in place.
        case gap
        /// The log's earlier part was damaged, and put aside.
        case broken
        /// A file of the log begins, and which entry is the first that is still kept.
        case continued
        /// All before is signed.
        case checkpoint
    }

    /// What was done.
    let kind: Kind
    /// Whom it was about, by pseudonym.
    let subject: String?
    /// More, by name, in order.
    let details: [(name: String, value: String)]

    init(_ kind: Kind, subject: String? = nil, _ details: KeyValuePairs<String, String> = [:]) {
        self.kind = kind
        self.subject = subject
        self.details = details.map { (name: $0.key, value: $0.value) }
    }

    /// An admin's wish, by its journal name, and the admin's pseudonym.
    public static func admin(_ action: String, by admin: String, subject: String? = nil) -> Self {
        Self(.adminAction, subject: subject, ["action": action, "by": admin])
    }

    /// What a reload came to.
    public static func reloaded(_ what: String, rules: Int, isInForce: Bool) -> Self {
        Self(
            .reloaded,
            ["what": what, "outcome": isInForce ? "done" : "refused", "rules": String(rules)]
        )
    }

    static func consent(_ record: ConsentRecord, granted: Bool, by pseudonym: String) -> Self {
        // The app's name in `share:APP` is the user's own word, and stays out.
        let scope = if case .share = record.scope { "share" } else { record.scope.description }
        guard granted, let retention = record.retentionSeconds else {
            return Self(
                granted ? .consentGranted : .consentWithdrawn,
                subject: pseudonym,
                ["scope": scope, "receipt": record.id]
            )
        }
        return Self(
            .consentGranted,
            subject: pseudonym,
            ["scope": scope, "receipt": record.id, "retention": String(retention)]
        )
    }

    static func erasure(_ counts: ErasureReceipt.Counts, of pseudonym: String, receipt: String)
        -> Self
    {
        Self(
            .userErased,
            subject: pseudonym,
            [
                "receipt": receipt, "preferences": String(counts.preferences),
                "consents": String(counts.consents), "signals": String(counts.signals),
            ]
        )
    }
}
