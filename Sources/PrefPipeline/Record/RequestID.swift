import Glibc
import Synchronization

/// The id that a request carries through the answer's header, the journal and explain.
enum RequestID {
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    private static let supply = RandomWords()

    /// A new id: `req-` and 26 characters, 128 bits of the system's randomness.
    static func new() -> String {
        var (high, low) = supply.next()
        var text = Array("req-".utf8)
        text.reserveCapacity(30)
        for _ in 0..<26 {
            text.append(alphabet[Int(low & 31)])
            low = low >> 5 | high << 59
            high >>= 5
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// The system's randomness, fetched for many ids at once: a system call for each would cost more
/// than all the rest of the id.
private final class RandomWords: Sendable {
    private static let batch = 32

    private let words = Mutex<[UInt64]>([])

    func next() -> (UInt64, UInt64) {
        words.withLock { words in
            if words.isEmpty { words = Self.fetch() }
            return (words.removeLast(), words.removeLast())
        }
    }

    private static func fetch() -> [UInt64] {
        var words = [UInt64](repeating: 0, count: batch)
        // Fills the array whole, or fails: 256 bytes at most (getentropy(3)).
        guard unsafe getentropy(&words, batch * MemoryLayout<UInt64>.size) == 0 else {
            var generator = SystemRandomNumberGenerator()
            return (0..<batch).map { _ in generator.next() }
        }
        return words
    }
}
