internal import Crypto
internal import FoundationEssentials

/// HMAC-SHA256 under one key.
struct Authenticator: Sendable {
    static let byteCount = 32
    private let key: SymmetricKey

    init(key: SymmetricKey) { self.key = key }

    /// A key for one purpose, from one that is for nothing else than deriving.
    init(from root: SymmetricKey, purpose: String) {
        key = HKDF<SHA256>.expand(
            pseudoRandomKey: root,
            info: Array(purpose.utf8),
            outputByteCount: 32
        )
    }

    func code(for parts: [UInt8]...) -> [UInt8] {
        var code = HMAC<SHA256>(key: key)
        for part in parts { code.update(data: part) }
        return Array(code.finalize())
    }
}
