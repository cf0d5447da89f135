internal import Crypto
internal import FoundationEssentials

/// Seals bytes so that only the right key, at the right address, opens them.
///
/// Each seal draws 24 random bytes N and derives, from the key, a key for this one seal, a
/// commitment COM and a set tag: `Krec‖COM‖TAG = HKDF-Expand(key, purpose‖N‖SHA256(address), 96)`.
/// The text goes through AES-256-GCM under Krec with a zero nonce, which is safe because Krec is
/// used once. GCM alone does not commit to its key; COM does, and is checked before decrypting. The
/// address is authenticated by being part of the derivation.
///
/// Layout: format (1) ‖ N (24) ‖ COM (32) ‖ ciphertext ‖ GCM tag (16).
/// Sources: RFC 5869; NIST SP 800-38D; Bellare and Hoang, "Efficient Schemes for Committing
/// Authenticated Encryption", EUROCRYPT 2022.
struct Envelope {
    /// What is sealed under a key does not open: damage, another key, or another address.
    struct Damaged: Error {}

    static let overhead = 1 + 24 + 32 + 16
    private static let format: UInt8 = 1
    private static let nonceBytes = 24
    private static let commitmentBytes = 32
    private static let tagBytes = 16
    private static let zeroNonce = [UInt8](repeating: 0, count: 12)

    /// What a seal is for; goes into every derivation.
    let purpose: String

    static let record = Envelope(purpose: "prefd/rec/v1")
    static let keyringEntry = Envelope(purpose: "prefd/keyring/entry/v1")
    static let keyringSecrets = Envelope(purpose: "prefd/keyring/secrets/v1")

    private struct Derived {
        let key: SymmetricKey
        let commitment: [UInt8]
        let setTag: SetDigest
    }

    /// Seals bytes; also gives the secret tag by which this seal counts in a set.
    func seal(
        _ text: [UInt8],
        under key: SymmetricKey,
        at address: [UInt8]
    ) throws(Damaged) -> (bytes: [UInt8], setTag: SetDigest) {
        let nonce = [UInt8].random(count: Self.nonceBytes)
        let derived = derive(from: key, nonce: nonce, address: address)
        do {
            let box = try AES.GCM.seal(
                text,
                using: derived.key,
                nonce: AES.GCM.Nonce(data: Self.zeroNonce)
            )
            var bytes: [UInt8] = [Self.format]
            bytes.reserveCapacity(text.count + Self.overhead)
            bytes += nonce
            bytes += derived.commitment
            bytes += box.ciphertext
            bytes += box.tag
            return (bytes, derived.setTag)
        } catch {
            throw Damaged()
        }
    }

    /// Opens what `seal` made under the same key and address.
    func open(
        _ bytes: [UInt8],
        under key: SymmetricKey,
        at address: [UInt8]
    ) throws(Damaged) -> (text: [UInt8], setTag: SetDigest) {
        let derived = try verified(bytes, under: key, at: address)
        let start = 1 + Self.nonceBytes + Self.commitmentBytes
        do {
            let box = try AES.GCM.SealedBox(
                nonce: AES.GCM.Nonce(data: Self.zeroNonce),
                ciphertext: bytes[start..<(bytes.count - Self.tagBytes)],
                tag: bytes.suffix(Self.tagBytes)
            )
            return ([UInt8](try AES.GCM.open(box, using: derived.key)), derived.setTag)
        } catch {
            throw Damaged()
        }
    }

    /// The set tag of a seal, without opening it.
    func setTag(
        of bytes: [UInt8],
        under key: SymmetricKey,
        at address: [UInt8]
    ) throws(Damaged) -> SetDigest {
        try verified(bytes, under: key, at: address).setTag
    }

    private func verified(
        _ bytes: [UInt8],
        under key: SymmetricKey,
        at address: [UInt8]
    ) throws(Damaged) -> Derived {
        guard bytes.count >= Self.overhead, bytes[0] == Self.format else { throw Damaged() }
        let nonceEnd = 1 + Self.nonceBytes
        let derived = derive(from: key, nonce: Array(bytes[1..<nonceEnd]), address: address)
        guard
            derived.commitment.equalsInConstantTime(
                bytes[nonceEnd..<(nonceEnd + Self.commitmentBytes)]
            )
        else { throw Damaged() }
        return derived
    }

    private func derive(from key: SymmetricKey, nonce: [UInt8], address: [UInt8]) -> Derived {
        let info = Array(purpose.utf8) + nonce + Array(SHA256.hash(data: address))
        let output = HKDF<SHA256>.expand(pseudoRandomKey: key, info: info, outputByteCount: 96)
        // Unsafe: reads the derived key's own memory within the call.
        return unsafe output.withUnsafeBytes { bytes in
            Derived(
                key: unsafe SymmetricKey(data: bytes[0..<32]),
                commitment: unsafe Array(bytes[32..<64]),
                setTag: unsafe SetDigest(Array(bytes[64..<96]))
            )
        }
    }
}
