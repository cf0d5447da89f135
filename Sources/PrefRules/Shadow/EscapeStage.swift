/// One scalar on its way into the shadow, with the bytes that it stands for.
struct ShadowPiece {
    /// The scalar.
    var scalar: UInt32
    /// Where its bytes begin in the channel's text.
    var start: Int
    /// Where they end.
    var end: Int
}

/// Undoes JSON escapes in a stream of scalars.
///
/// What may still become an escape is held, at most twelve scalars (a surrogate pair); what turns
/// out to be none goes on as it came. A surrogate without its partner becomes U+FFFD.
///
/// Source: RFC 8259, section 7.
struct EscapeStage {
    /// Which escapes there are.
    enum Kind {
        /// Only `\uXXXX` and `\xXX`, as they occur in any text.
        case unicode
        /// All of JSON's.
        case json
    }

    private let kind: Kind
    private var held: [ShadowPiece] = []
    private var ready: [ShadowPiece] = []

    init(_ kind: Kind) { self.kind = kind }

    /// Where the held text begins, if any is.
    var heldStart: Int? { held.first?.start }

    /// Whether a scalar would go straight through.
    func passes(_ scalar: UInt32) -> Bool { scalar != Self.backslash && held.isEmpty }

    /// Takes one scalar and gives what is now certain.
    mutating func take(_ piece: ShadowPiece) -> [ShadowPiece] {
        push(piece)
        defer { ready.removeAll(keepingCapacity: true) }
        return ready
    }

    /// Gives what is held as it came: the text ends here.
    mutating func flush() -> [ShadowPiece] {
        if held.count >= 6 {
            let rest = held[6...]
            ready.append(spanned(held[0...5], Self.replacement))
            ready.append(contentsOf: rest)
        } else {
            ready.append(contentsOf: held)
        }
        held.removeAll(keepingCapacity: true)
        defer { ready.removeAll(keepingCapacity: true) }
        return ready
    }

    private static let backslash: UInt32 = 0x5c
    private static let replacement: UInt32 = 0xfffd

    private mutating func push(_ piece: ShadowPiece) {
        held.append(piece)
        switch held.count {
        case 1:
            if piece.scalar != Self.backslash { release(1) }
        case 2:
            if piece.scalar == 0x75 || kind == .unicode && piece.scalar == 0x78 { return }
            if kind == .json, let meant = Self.shortEscape(piece.scalar) {
                ready.append(spanned(held[0...1], meant))
                held.removeAll(keepingCapacity: true)
            } else {
                release(1)
            }
        case 4 where held[1].scalar == 0x78:
            guard let high = HexDigit.value(held[2].scalar),
                let low = HexDigit.value(piece.scalar)
            else { return fail() }
            ready.append(spanned(held[0...3], high << 4 | low))
            held.removeAll(keepingCapacity: true)
        case 3...5, 9...11:
            if HexDigit.value(piece.scalar) == nil { fail() }
        case 6:
            guard let unit = codeUnit(at: 2) else { return fail() }
            if (0xd800...0xdbff).contains(unit) { return }
            ready.append(
                spanned(held[0...5], (0xdc00...0xdfff).contains(unit) ? Self.replacement : unit)
            )
            held.removeAll(keepingCapacity: true)
        case 7:
            if piece.scalar != Self.backslash { fail() }
        case 8:
            if piece.scalar != 0x75 { fail() }
        default:
            guard let high = codeUnit(at: 2), let low = codeUnit(at: 8),
                (0xdc00...0xdfff).contains(low)
            else { return fail() }
            let scalar = 0x10000 + (high - 0xd800) << 10 + (low - 0xdc00)
            ready.append(spanned(held[0...11], scalar))
            held.removeAll(keepingCapacity: true)
        }
    }

    /// The held text is no escape, or only its first six scalars are.
    private mutating func fail() {
        if held.count > 6 {
            ready.append(spanned(held[0...5], Self.replacement))
            repush(Array(held[6...]))
        } else {
            release(held.count - 1)
        }
    }

    /// Lets `count` scalars go as they came and looks at the rest anew.
    private mutating func release(_ count: Int) {
        ready.append(contentsOf: held[..<count])
        repush(Array(held[count...]))
    }

    private mutating func repush(_ pieces: [ShadowPiece]) {
        held.removeAll(keepingCapacity: true)
        for piece in pieces { push(piece) }
    }

    private func codeUnit(at index: Int) -> UInt32? {
        var unit: UInt32 = 0
        for piece in held[index..<(index + 4)] {
            guard let digit = HexDigit.value(piece.scalar) else { return nil }
            unit = unit << 4 | digit
        }
        return unit
    }

    private func spanned(_ pieces: ArraySlice<ShadowPiece>, _ scalar: UInt32) -> ShadowPiece {
        ShadowPiece(
            scalar: scalar,
            start: pieces.first?.start ?? 0,
            end: pieces.last?.end ?? 0
        )
    }

    private static func shortEscape(_ scalar: UInt32) -> UInt32? {
        switch scalar {
        case 0x22, 0x2f, 0x5c: scalar
        case 0x62: 0x08
        case 0x66: 0x0c
        case 0x6e: 0x0a
        case 0x72: 0x0d
        case 0x74: 0x09
        default: nil
        }
    }
}

/// Hexadecimal digits.
enum HexDigit {
    /// The value of a digit.
    static func value(_ scalar: UInt32) -> UInt32? {
        switch scalar {
        case 0x30...0x39: scalar - 0x30
        case 0x41...0x46: scalar - 0x41 + 10
        case 0x61...0x66: scalar - 0x61 + 10
        default: nil
        }
    }
}
