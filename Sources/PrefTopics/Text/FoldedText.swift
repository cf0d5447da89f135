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
    }

    package private(set) var bytes: [UInt8] = []
    package private(set) var starts: [Start] = []

    private var isInWord = false
    private var position: Int32 = -1

    private static let space = UInt8(ascii: " ")

    /// Folds UTF-8.
    ///
    /// Ill-formed bytes end words. Texts that are appended one by one are as if a space were between.
    mutating func append(_ text: Span<UInt8>) {
        bytes.reserveCapacity(bytes.count + text.count + 1)
        var offset = 0
        while offset < text.count {
            let byte = text[offset]
            if byte < 0x80 {
                offset += 1
                // The common case, without the detour.
                let lower = byte | 0x20
                if (lower >= 0x61 && lower <= 0x7a) || (byte >= 0x30 && byte <= 0x39) {
                    beginWord()
                    bytes.append(byte >= 0x41 ? lower : byte)
                } else {
                    endWord()
                }
            } else {
                let (scalar, length) = Self.scalar(text, at: offset)
                offset += length
                take(scalar)
            }
        }
        endWord()
    }

    package init() {}

    package mutating func append(_ text: String) {
        let bytes = Array(text.utf8)
        append(bytes.span)
    }

    private mutating func take(_ scalar: UInt32) {
        switch ScalarFold.fold(scalar) {
        case .separator: endWord()
        case .nothing: break
        case .letter(let letter):
            beginWord()
            put(letter)
        case .letters(let first, let second):
            beginWord()
            bytes.append(first)
            bytes.append(second)
        case .ideograph(let ideograph):
            endWord()
            position += 1
            starts.append(
                Start(offset: Int32(bytes.count), position: position, isWord: false)
            )
            put(ideograph)
        }
    }

    private mutating func beginWord() {
        guard !isInWord else { return }
        isInWord = true
        // A word right behind an ideograph stands apart, too.
        if let last = bytes.last, last != Self.space { bytes.append(Self.space) }
        position += 1
        starts.append(Start(offset: Int32(bytes.count), position: position, isWord: true))
    }

    private mutating func endWord() {
        guard isInWord else { return }
        isInWord = false
        bytes.append(Self.space)
    }

    private mutating func put(_ scalar: UInt32) {
        switch scalar {
        case 0..<0x80: bytes.append(UInt8(truncatingIfNeeded: scalar))
        case 0x80..<0x800:
            bytes.append(UInt8(truncatingIfNeeded: 0xc0 | scalar >> 6))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3f))
        case 0x800..<0x1_0000:
            bytes.append(UInt8(truncatingIfNeeded: 0xe0 | scalar >> 12))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | (scalar >> 6) & 0x3f))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3f))
        default:
            bytes.append(UInt8(truncatingIfNeeded: 0xf0 | scalar >> 18))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | (scalar >> 12) & 0x3f))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | (scalar >> 6) & 0x3f))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3f))
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
