/// Which of up to 64 bytes begin a word, found eight at a time within registers.
struct WordStarts {
    /// How many bytes are looked at together.
    static let blockCount = 64

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let lows: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// For each byte, whether it begins a word, or is a sign where these are looked for.
    private(set) var starts: UInt64 = 0
    /// How many bytes at its beginning are plain; what `starts` says of others means nothing.
    private(set) var plainCount = 0

    /// Looks at a block.
    ///
    /// - Parameters:
    ///   - block: its first byte.
    ///   - count: how many bytes there are; at most `blockCount` are looked at.
    ///   - afterWord: whether a word character precedes.
    ///   - signs: whether bytes are looked for that are neither part of a word nor white space.
    @inline(__always)
    init(_ block: UnsafePointer<UInt8>, count: Int, afterWord: Bool, signs: Bool) {
        var words: UInt64 = 0
        var others: UInt64 = 0
        plainCount = min(count, Self.blockCount)
        var part = 0
        while part &* 8 < plainCount {
            // Safe: the caller has all `count` bytes.
            let bytes = unsafe Self.load(block, part &* 8, count: count)
            let letters = Self.between(bytes | 0x20 * Self.ones, 0x61, 0x7a)
            let digits = Self.between(bytes, 0x30, 0x39)
            let word = letters | digits | Self.equal(bytes, 0x5f)
            // All below a space but tab, line feed and their like; DEL; what escapes begin with.
            // What a byte beyond ASCII carries over is found behind it only.
            let breaks = Self.between(bytes, 0x09, 0x0d)
            let controls = ~(bytes &+ (0x80 - 0x20) * Self.ones) & ~breaks
            let special =
                (bytes | controls | Self.equal(bytes, 0x7f) | Self.equal(bytes, 0x5c)
                    | Self.between(bytes, 0x25, 0x26)) & Self.highs
            let other = ~(word | breaks | Self.equal(bytes, 0x20)) & Self.highs
            words |= Self.gathered(word) &<< UInt64(part &* 8)
            if signs { others |= Self.gathered(other) &<< UInt64(part &* 8) }
            if special != 0 {
                plainCount = min(plainCount, part &* 8 &+ special.trailingZeroBitCount / 8)
            }
            part &+= 1
        }
        starts = words & ~(words &<< 1 | (afterWord ? 1 : 0)) | others
    }

    /// Whether a plain byte is among the first `count`, all of which must be there.
    @inline(__always)
    static func contains(_ block: UnsafePointer<UInt8>, count: Int, _ byte: UInt8) -> Bool {
        var found: UInt64 = 0
        var part = 0
        while part &* 8 < count {
            // Safe: the caller has all `count` bytes.
            found |= equal(unsafe load(block, part &* 8, count: count), byte)
            part &+= 1
        }
        return found != 0
    }

    /// Eight bytes from a place on; zeros for those that are not there.
    @inline(__always)
    private static func load(_ block: UnsafePointer<UInt8>, _ place: Int, count: Int) -> UInt64 {
        let missing = place &+ 8 &- count
        if missing <= 0 {
            // Safe: eight bytes are there.
            return UInt64(
                littleEndian: unsafe UnsafeRawPointer(block + place)
                    .loadUnaligned(as: UInt64.self)
            )
        }
        if count >= 8 {
            // Safe: the last eight bytes are there.
            let last = UInt64(
                littleEndian: unsafe UnsafeRawPointer(block + (count &- 8))
                    .loadUnaligned(as: UInt64.self)
            )
            return last &>> UInt64(missing &* 8)
        }
        var bytes: UInt64 = 0
        // Safe: all before `count` are there.
        for index in place..<count {
            bytes |= unsafe UInt64(block[index]) &<< UInt64((index &- place) &* 8)
        }
        return bytes
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
