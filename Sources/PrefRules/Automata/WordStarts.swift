/// Which of 64 bytes begin a word, found eight at a time within registers.
struct WordStarts {
    /// How many bytes are looked at together.
    static let blockCount = 64

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let lows: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// For each byte, whether it begins a word, or is a sign where these are looked for.
    private(set) var starts: UInt64 = 0
    /// Whether all bytes are plain.
    private(set) var isPlain = true

    /// Looks at a block.
    ///
    /// - Parameters:
    ///   - block: its first byte; all of it must be there.
    ///   - afterWord: whether a word character precedes.
    ///   - signs: whether bytes are looked for that are neither part of a word nor white space.
    @inline(__always)
    init(_ block: UnsafePointer<UInt8>, afterWord: Bool, signs: Bool) {
        var words: UInt64 = 0
        var others: UInt64 = 0
        var special: UInt64 = 0
        for part in 0..<8 {
            // Safe: the caller has all 64 bytes.
            let raw = unsafe UnsafeRawPointer(block + part * 8).loadUnaligned(as: UInt64.self)
            let bytes = UInt64(littleEndian: raw)
            let letters = Self.between(bytes | 0x20 * Self.ones, 0x61, 0x7a)
            let digits = Self.between(bytes, 0x30, 0x39)
            let word = letters | digits | Self.equal(bytes, 0x5f)
            // All below a space but tab, line feed and their like; DEL; what escapes begin with.
            let breaks = Self.between(bytes, 0x09, 0x0d)
            let controls = ~(bytes &+ (0x80 - 0x20) * Self.ones) & ~breaks
            special |=
                (bytes | controls | Self.equal(bytes, 0x7f) | Self.equal(bytes, 0x5c)
                    | Self.between(bytes, 0x25, 0x26)) & Self.highs
            let other = ~(word | breaks | Self.equal(bytes, 0x20)) & Self.highs
            words |= Self.gathered(word) &<< UInt64(part * 8)
            if signs { others |= Self.gathered(other) &<< UInt64(part * 8) }
        }
        starts = words & ~(words &<< 1 | (afterWord ? 1 : 0)) | others
        isPlain = special == 0
    }

    /// Whether a byte is in a block of plain bytes.
    ///
    /// - Parameters:
    ///   - block: its first byte; all of it must be there.
    ///   - byte: a plain byte.
    /// - Returns: whether it is there.
    @inline(__always)
    static func contains(_ block: UnsafePointer<UInt8>, _ byte: UInt8) -> Bool {
        var found: UInt64 = 0
        for part in 0..<8 {
            // Safe: the caller has all 64 bytes.
            let raw = unsafe UnsafeRawPointer(block + part * 8).loadUnaligned(as: UInt64.self)
            found |= equal(UInt64(littleEndian: raw), byte)
        }
        return found != 0
    }

    // For ASCII bytes; the answer is in the high bit of each.

    @inline(__always)
    private static func between(_ bytes: UInt64, _ first: UInt64, _ last: UInt64) -> UInt64 {
        let low = bytes & lows
        return (low &+ (0x80 - first) * ones) & ~(low &+ (0x7f - last) * ones) & highs
    }

    @inline(__always)
    private static func equal(_ bytes: UInt64, _ byte: UInt8) -> UInt64 {
        let difference = bytes ^ UInt64(byte) &* ones
        return ~((difference & lows) &+ lows | difference) & highs
    }

    /// The high bits of eight bytes as eight bits.
    @inline(__always)
    private static func gathered(_ bits: UInt64) -> UInt64 {
        (bits &>> 7 &* 0x0102_0408_1020_4080) &>> 56
    }
}
