internal import Crypto
internal import FoundationEssentials

extension ErasureReceipt {
    static func newID() -> String { "e-" + Base32.encode(.random(count: 15)) }

    init(id: String, pseudonym: String, at time: Date, erased: Counts, key: SymmetricKey) {
        self.id = id
        self.pseudonym = pseudonym
        at = Date(timeIntervalSince1970: time.timeIntervalSince1970.rounded(.down))
        self.erased = erased
        seal = Self.seal(id: id, pseudonym: pseudonym, at: at, erased: erased, key: key)
    }

    /// HMAC over the receipt's fields, one a line.
    static func seal(
        id: String,
        pseudonym: String,
        at time: Date,
        erased: Counts,
        key: SymmetricKey
    ) -> String {
        let seconds = Int64(exactly: time.timeIntervalSince1970.rounded(.down)) ?? 0
        let text = """
            \(id)
            \(pseudonym)
            \(seconds)
            \(erased.preferences) \(erased.consents) \(erased.signals)
            """
        return Hex.encode(
            Authenticator(from: key, purpose: "prefd/receipt/v1").code(for: Array(text.utf8))
        )
    }
}
