/// The id that a request carries through the answer's header, the journal and explain.
enum RequestID {
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// A new id: `req-` and 26 characters, 130 bits of the system's randomness.
    static func new() -> String {
        var generator = SystemRandomNumberGenerator()
        var text = Array("req-".utf8)
        var bits: UInt64 = 0
        for position in 0..<26 {
            if position % 12 == 0 { bits = generator.next() }
            text.append(alphabet[Int(bits & 31)])
            bits >>= 5
        }
        return String(decoding: text, as: UTF8.self)
    }
}
