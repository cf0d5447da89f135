/// Ids that nobody can guess.
enum RandomID {
    /// 128 bits of the system's randomness as 32 hex digits.
    static func new() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
