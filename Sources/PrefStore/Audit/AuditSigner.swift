internal import Crypto
internal import FoundationEssentials

/// Signs checkpoints: Ed25519 (RFC 8032), under a key derived from the keyring's audit key.
struct AuditSigner: Sendable {
    private let seed: [UInt8]

    init(from audit: SymmetricKey) {
        // Ed25519 takes any 32 bytes as its seed.
        seed = Authenticator(from: audit, purpose: "prefd/audit/sign/v1").code(for: [])
    }

    /// The public key, 64 hex digits; whoever has it can verify checkpoints.
    var publicKey: String {
        do { return Hex.encode([UInt8](try key.publicKey.rawRepresentation)) } catch { return "" }
    }

    /// The entry that signs all before it.
    func checkpoint(of head: AuditHead) throws -> AuditAction {
        let signature = try key.signature(for: Self.message(head))
        return AuditAction(
            .checkpoint,
            ["of": head.spelling, "signature": Hex.encode([UInt8](signature))]
        )
    }

    /// Whether an entry is a checkpoint of what is before it, signed by this store.
    func verifies(_ entry: AuditEntry, of head: AuditHead) -> Bool {
        guard entry.detail("of") == head.spelling,
            let signature = entry.detail("signature").flatMap(Hex.decode)
        else { return false }
        do {
            return try key.publicKey.isValidSignature(signature, for: Self.message(head))
        } catch {
            return false
        }
    }

    private var key: Curve25519.Signing.PrivateKey {
        get throws { try Curve25519.Signing.PrivateKey(rawRepresentation: seed) }
    }

    /// `prefd audit checkpoint`, a line feed, `SEQUENCE:HASH`, a line feed.
    private static func message(_ head: AuditHead) -> [UInt8] {
        Array("prefd audit checkpoint\n\(head.spelling)\n".utf8)
    }
}
