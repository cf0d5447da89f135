internal import Crypto
internal import FoundationEssentials

/// The key that wraps every other key of a store: 32 bytes in memory that is never swapped, never
/// in a core dump, and zeroed when released.
///
/// Claims no more than that: what is derived from it lives in ordinary memory, which the crypto
/// library zeroes when it is freed.
public final class MasterKey: Sendable {
    static let byteCount = 32
    private let bytes: SecretBytes

    init(_ bytes: SecretBytes) { self.bytes = bytes }

    /// Derives a key for one purpose.
    ///
    /// Source: RFC 5869.
    func derive(_ purpose: String, salt: [UInt8]) -> SymmetricKey {
        bytes.withBytes { span in
            // Unsafe: the copy is made within the call; `SymmetricKey` zeroes its own memory.
            let input = unsafe span.withUnsafeBytes { unsafe SymmetricKey(data: $0) }
            return HKDF<SHA256>.deriveKey(
                inputKeyMaterial: input,
                salt: salt,
                info: Array(purpose.utf8),
                outputByteCount: 32
            )
        }
    }
}
