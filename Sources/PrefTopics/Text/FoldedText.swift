/// A text as the matcher sees it: folded UTF-8, its words apart by single spaces, a space at its end.
package struct FoldedText {
    /// A place where a term may begin.
    package struct Start {
        /// Offset into ``FoldedText/bytes``.
        let offset: Int32
        /// The how-manieth word or ideograph it is.
        let position: Int32
        /// Whether it begins a word, rather than being an ideograph.
        let isWord: Bool
        /// The word's hash (FNV-1a): made while the word is folded, when its bytes are at hand anyway.
        let hash: UInt32
    }

    package private(set) var bytes: [UInt8] = []
    package private(set) var starts: [Start] = []

    private var position: Int32 = -1
    /// Behind the last byte that was written.
    private var end = 0
    /// Where the word that is being written begins; nil between words.
    private var word: Int?
    private var hash: UInt32 = 0

    private static let space = UInt8(ascii: " ")
    private static let hashBasis: UInt32 = 0x811c_9dc5
    private static let hashPrime: UInt32 = 0x0100_0193

    package init() {}

    package mutating func append(_ text: String) {
        let bytes = Array(text.utf8)
        append(bytes.span)
    }

    /// Folds UTF-8.
    ///
    /// Ill-formed bytes end words. Texts that are appended one by one are as if a space were between.
    mutating func append(_ text: Span<UInt8>) {
        var bytes = self.bytes
        self.bytes = []
        // A character folds to no more than twice its bytes, a space before or behind it included. Made
        // room for at once: growing byte by byte costs more than folding.
        bytes.append(contentsOf: repeatElement(Self.space, count: 2 * text.count + 2))
        starts.reserveCapacity(starts.count + text.count / 4)
        var folded = bytes.mutableSpan
        var offset = 0
        while offset < text.count {
            let byte = text[offset]
            if Self.isWordByte(byte) {
                beginWord(in: &folded)
                putWord(text, from: &offset, into: &folded)
            } else if byte < 0x80 {
                offset &+= 1
                endWord()
            } else {
                let (scalar, length) = Self.scalar(text, at: offset)
                offset += length
                take(scalar, into: &folded)
            }
        }
        endWord()
        bytes.removeLast(bytes.count - end)
        self.bytes = bytes
    }

    /// Whether a byte is an ASCII letter or digit.
    @inline(__always)
    private static func isWordByte(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10
    }

    /// Writes ASCII letters and digits up to what is none: the common case, without the detour.
    @inline(__always)
    private mutating func putWord(
        _ text: Span<UInt8>,
        from offset: inout Int,
        into folded: inout MutableSpan<UInt8>
    ) {
        // In variables of its own the loop's state stays in registers.
        var (from, to, hash) = (offset, end, hash)
        repeat {
            let byte = text[from]
            let lower = byte >= 0x41 ? byte | 0x20 : byte
            folded[to] = lower
            hash = (hash ^ UInt32(lower)) &* Self.hashPrime
            from &+= 1
            to &+= 1
        } while from < text.count && Self.isWordByte(text[from])
        (offset, end, self.hash) = (from, to, hash)
    }

    private mutating func take(_ scalar: UInt32, into folded: inout MutableSpan<UInt8>) {
        switch ScalarFold.fold(scalar) {
        case .separator: endWord()
        case .nothing: break
        case .letter(let letter):
            beginWord(in: &folded)
            put(scalar: letter, into: &folded)
        case .letters(let first, let second):
            beginWord(in: &folded)
            put(first, into: &folded)
            put(second, into: &folded)
        case .ideograph(let ideograph):
            endWord()
            position += 1
            starts.append(
                Start(offset: Int32(end), position: position, isWord: false, hash: 0)
            )
            put(scalar: ideograph, into: &folded)
        }
    }

    @inline(__always)
    private mutating func beginWord(in folded: inout MutableSpan<UInt8>) {
        guard word == nil else { return }
        // A word right behind an ideograph stands apart, too.
        if end > 0, folded[end - 1] != Self.space {
            folded[end] = Self.space
            end += 1
        }
        word = end
        hash = Self.hashBasis
        position += 1
    }

    /// Ends a word, whose space is there already.
    @inline(__always)
    private mutating func endWord() {
        guard let start = word else { return }
        word = nil
        end += 1
        starts.append(Start(offset: Int32(start), position: position, isWord: true, hash: hash))
    }

    /// Writes a byte, and takes it into the word's hash (FNV-1a).
    @inline(__always)
    private mutating func put(_ byte: UInt8, into folded: inout MutableSpan<UInt8>) {
        folded[end] = byte
        end &+= 1
        hash = (hash ^ UInt32(byte)) &* Self.hashPrime
    }

    private mutating func put(scalar: UInt32, into folded: inout MutableSpan<UInt8>) {
        switch scalar {
        case 0..<0x80: put(UInt8(truncatingIfNeeded: scalar), into: &folded)
        case 0x80..<0x800:
            put(UInt8(truncatingIfNeeded: 0xc0 | scalar >> 6), into: &folded)
            put(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3f), into: &folded)
        case 0x800..<0x1_0000:
            put(UInt8(truncatingIfNeeded: 0xe0 | scalar >> 12), into: &folded)
            put(UInt8(truncatingIfNeeded: 0x80 | (scalar >> 6) & 0x3f), into: &folded)
            put(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3f), into: &folded)
        default:
            put(UInt8(truncatingIfNeeded: 0xf0 | scalar >> 18), into: &folded)
            put(UInt8(truncatingIfNeeded: 0x80 | (scalar >> 12) & 0x3f), into: &folded)
            put(UInt8(truncatingIfNeeded: 0x80 | (scalar >> 6) & 0x3f), into: &folded)
            put(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3f), into: &folded)
        }
    }

    /// The scalar at an offset and its length; 0 of length 1 for what is not well formed.
    private static func scalar(_ text: Span<UInt8>, at offset: Int) -> (UInt32, Int) {
        let lead = text[offset]
        let length =
            switch lead {
            case 0xc2...0xdf: 2
            case 0xe0...0xef: 3
            case 0xf0...0xf4: 4
            default: 1
            }
        guard length > 1, offset + length <= text.count else { return (0, 1) }
        var value = UInt32(lead) & (0xff >> UInt32(length + 1))
        for index in offset + 1..<offset + length {
            guard text[index] & 0xc0 == 0x80 else { return (0, 1) }
            value = value << 6 | UInt32(text[index] & 0x3f)
        }
        return (value, length)
    }
}
