/// Decodes UTF-8 byte by byte, wherever the chunks are cut.
///
/// Ill-formed input becomes U+FFFD, one for each maximal subpart.
///
/// Source: The Unicode Standard 15.0, section 3.9, table 3-7.
struct ScalarDecoder {
    /// What a byte led to.
    enum Step {
        /// More bytes are needed.
        case more
        /// A scalar is complete with this byte.
        case scalar(UInt32)
        /// The bytes before this one were ill-formed; this one has to be given again.
        case broken
    }

    private var value: UInt32 = 0
    private var missing = 0
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xbf

    /// Whether no scalar is begun.
    var isIdle: Bool { missing == 0 }

    /// Takes one byte.
    mutating func take(_ byte: UInt8) -> Step {
        guard missing == 0 else { return takeContinuation(byte) }
        switch byte {
        case 0..<0x80: return .scalar(UInt32(byte))
        case 0xc2...0xdf: begin(byte & 0x1f, missing: 1)
        case 0xe0: begin(byte & 0x0f, missing: 2, lowest: 0xa0)
        case 0xed: begin(byte & 0x0f, missing: 2, highest: 0x9f)
        case 0xe1...0xef: begin(byte & 0x0f, missing: 2)
        case 0xf0: begin(byte & 0x07, missing: 3, lowest: 0x90)
        case 0xf1...0xf3: begin(byte & 0x07, missing: 3)
        case 0xf4: begin(byte & 0x07, missing: 3, highest: 0x8f)
        default: return .scalar(0xfffd)
        }
        return .more
    }

    /// Forgets a scalar that was begun.
    mutating func reset() { missing = 0 }

    private mutating func begin(
        _ bits: UInt8,
        missing: Int,
        lowest: UInt8 = 0x80,
        highest: UInt8 = 0xbf
    ) {
        value = UInt32(bits)
        self.missing = missing
        self.lowest = lowest
        self.highest = highest
    }

    private mutating func takeContinuation(_ byte: UInt8) -> Step {
        guard byte >= lowest, byte <= highest else {
            missing = 0
            return .broken
        }
        lowest = 0x80
        highest = 0xbf
        value = value << 6 | UInt32(byte & 0x3f)
        missing -= 1
        return missing == 0 ? .scalar(value) : .more
    }
}
