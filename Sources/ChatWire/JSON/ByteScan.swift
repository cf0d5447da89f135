/// Finding bytes eight at a time.
///
/// Every load is bounds-checked by `RawSpan`; what makes it `unsafe` in name is only that it could
/// be asked for a type with invalid bit patterns, which `UInt64` does not have.
enum ByteScan {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// The eight bytes from `offset`, the first in the lowest bits.
    @inline(__always)
    static func word(_ text: Span<UInt8>, at offset: Int) -> UInt64 {
        // Bounds-checked; any eight bytes are a UInt64.
        let word = unsafe text.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
        return UInt64(littleEndian: word)
    }

    /// Thirty-two bytes, for a first look at whether any of them matters: the same sums as for
    /// eight, in vectors.
    private typealias Block = SIMD4<UInt64>

    @inline(__always)
    private static func block(_ text: Span<UInt8>, at offset: Int) -> Block {
        // Bounds-checked; any bytes are a vector of integers, whose order does not matter here.
        unsafe text.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Block.self)
    }

    /// High bits set in the bytes of `word` that equal `byte`; exact for the lowest one set.
    @inline(__always)
    private static func matches(_ word: UInt64, _ byte: UInt8) -> UInt64 {
        let difference = word ^ (ones &* UInt64(byte))
        return (difference &- ones) & ~difference & highs
    }

    /// The first offset in `range` that holds `byte`, or the range's end.
    @inline(__always)
    static func first(_ byte: UInt8, in text: Span<UInt8>, _ range: Range<Int>) -> Int {
        var offset = range.lowerBound
        while offset &+ 8 <= range.upperBound {
            let hits = matches(word(text, at: offset), byte)
            if hits != 0 { return offset &+ hits.trailingZeroBitCount / 8 }
            offset &+= 8
        }
        while offset < range.upperBound, text[offset] != byte { offset &+= 1 }
        return offset
    }

    /// The first offset in `range` that holds either byte, or the range's end.
    @inline(__always)
    static func first(
        _ one: UInt8,
        or other: UInt8,
        in text: Span<UInt8>,
        _ range: Range<Int>
    ) -> Int {
        var offset = range.lowerBound
        let (all, units) = (Block.repeating(one), Block.repeating(1))
        let others = Block.repeating(other)
        while offset &+ Block.byteCount <= range.upperBound {
            let block = block(text, at: offset)
            let hits =
                (((block ^ all) &- units) & ~(block ^ all))
                | (((block ^ others) &- units) & ~(block ^ others))
            if hits.hasHighBit { break }
            offset &+= Block.byteCount
        }
        while offset &+ 8 <= range.upperBound {
            let eight = word(text, at: offset)
            let hits = matches(eight, one) | matches(eight, other)
            if hits != 0 { return offset &+ hits.trailingZeroBitCount / 8 }
            offset &+= 8
        }
        while offset < range.upperBound, text[offset] != one, text[offset] != other { offset &+= 1 }
        return offset
    }

    /// Whether two texts have the same `count` bytes at their offsets; false where one ends before.
    @inline(__always)
    static func areEqual(
        _ one: Span<UInt8>,
        at start: Int,
        _ other: Span<UInt8>,
        at otherStart: Int,
        count: Int
    ) -> Bool {
        guard start &+ count <= one.count, otherStart &+ count <= other.count else { return false }
        var index = 0
        while index &+ 8 <= count {
            if word(one, at: start &+ index) != word(other, at: otherStart &+ index) {
                return false
            }
            index &+= 8
        }
        while index < count {
            if one[start &+ index] != other[otherStart &+ index] { return false }
            index &+= 1
        }
        return true
    }

    /// The end of the run from `start` that a JSON string can hold as plain ASCII.
    ///
    /// What ends it is a quote, a backslash, a control character, a byte of a multi-byte sequence,
    /// or the end of the text.
    @inline(__always)
    static func plainRunEnd(_ text: Span<UInt8>, from start: Int) -> Int {
        var offset = start
        let (units, spaces) = (Block.repeating(1), Block.repeating(0x20))
        let (quotes, backslashes) = (Block.repeating(0x22), Block.repeating(0x5C))
        while offset &+ Block.byteCount <= text.count {
            let block = block(text, at: offset)
            let hits =
                (block &- spaces) | ((block ^ quotes) &- units) | ((block ^ backslashes) &- units)
                | block
            if hits.hasHighBit { break }
            offset &+= Block.byteCount
        }
        while offset &+ 8 <= text.count {
            let eight = word(text, at: offset)
            // Bytes from 0x80 are hits anyway, so the borrow tricks need no masking by them; a
            // borrow only disturbs bytes above a real hit, and the lowest hit is what counts.
            let hits =
                ((eight &- ones &* 0x20) | ((eight ^ (ones &* 0x22)) &- ones)
                    | ((eight ^ (ones &* 0x5C)) &- ones) | eight) & highs
            if hits != 0 { return offset &+ hits.trailingZeroBitCount / 8 }
            offset &+= 8
        }
        while offset < text.count {
            let byte = text[offset]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C || byte >= 0x80 { return offset }
            offset &+= 1
        }
        return offset
    }
}

extension SIMD4<UInt64> {
    fileprivate static var byteCount: Int { 32 }

    @inline(__always)
    fileprivate static func repeating(_ byte: UInt8) -> Self {
        Self(repeating: 0x0101_0101_0101_0101 &* UInt64(byte))
    }

    /// Whether any byte has its high bit set.
    @inline(__always)
    fileprivate var hasHighBit: Bool {
        (self[0] | self[1] | self[2] | self[3]) & 0x8080_8080_8080_8080 != 0
    }
}

extension [UInt8] {
    /// Appends the bytes of `text` in `range`.
    @inline(__always)
    mutating func append(_ text: Span<UInt8>, _ range: Range<Int>) {
        // The pointer does not outlive the closure.
        unsafe text.extracting(range).withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }

    /// Appends ASCII or other UTF-8 text as it stands.
    @inline(__always)
    mutating func append(_ text: StaticString) {
        // The compiler's own constant, read within its length.
        text.withUTF8Buffer { unsafe append(contentsOf: $0) }
    }
}

extension Span<UInt8> {
    /// Whether the bytes in `range` are exactly those of `text`.
    @inline(__always)
    func equals(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard text.hasPointerRepresentation, text.utf8CodeUnitCount == range.count else {
            return false
        }
        let offset = range.lowerBound
        // The compiler's own constant, read within its length.
        return text.withUTF8Buffer { constant in
            for index in 0..<constant.count where unsafe self[offset + index] != constant[index] {
                return false
            }
            return true
        }
    }

    /// The same, taking ASCII capitals for small letters; `text` must have none.
    @inline(__always)
    func equalsIgnoringCase(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard text.hasPointerRepresentation, text.utf8CodeUnitCount == range.count else {
            return false
        }
        let offset = range.lowerBound
        // The compiler's own constant, read within its length.
        return text.withUTF8Buffer { constant in
            for index in 0..<constant.count {
                let byte = self[offset + index]
                let small = byte &- 0x41 < 26 ? byte | 0x20 : byte
                if unsafe small != constant[index] { return false }
            }
            return true
        }
    }

    /// Whether the bytes in `range` are exactly `bytes`.
    @inline(__always)
    func equals(_ range: Range<Int>, _ bytes: [UInt8]) -> Bool {
        guard range.count == bytes.count else { return false }
        let other = bytes.span
        var index = 0
        while index &+ 8 <= bytes.count {
            if ByteScan.word(self, at: range.lowerBound &+ index) != ByteScan.word(other, at: index)
            {
                return false
            }
            index &+= 8
        }
        while index < bytes.count {
            if self[range.lowerBound &+ index] != other[index] { return false }
            index &+= 1
        }
        return true
    }
}
