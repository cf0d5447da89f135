/// Undoes percent-encoding of characters that need none, and HTML's character references, in a
/// stream of scalars.
///
/// `%41` is `A`, but `%2F` stays: only letters, digits and `- . _ ~` mean the same with and without.
/// `&#65;`, `&#x41;` and the names of a few signs mean their character. What they mean may begin
/// another, up to three deep: `%2541` and `&amp;#65;` are `A` as well. What may still become one of
/// these is held, at most twelve scalars; what turns out to be none goes on as it came.
///
/// Source: RFC 3986, section 6.2.2.2; HTML Living Standard, section 13.2.5.72.
struct ReferenceStage {
    private static let percent: UInt32 = 0x25
    private static let ampersand: UInt32 = 0x26
    private static let longest = 12
    private static let depth = 3

    private static let names: [String: UInt32] = [
        "amp": 0x26, "lt": 0x3c, "gt": 0x3e, "quot": 0x22, "apos": 0x27, "nbsp": 0x20,
        "hyphen": 0x2d, "dash": 0x2d, "shy": 0xad, "lowbar": 0x5f, "period": 0x2e, "colon": 0x3a,
        "sol": 0x2f, "plus": 0x2b, "equals": 0x3d, "commat": 0x40, "num": 0x23, "lpar": 0x28,
        "rpar": 0x29, "zwnj": 0x200c, "zwj": 0x200d, "ensp": 0x20, "emsp": 0x20, "thinsp": 0x20,
        "Tab": 0x09, "NewLine": 0x0a,
    ]

    private var held: [ShadowPiece] = []
    private var ready: [ShadowPiece] = []
    /// How often the first held scalar was encoded.
    private var level = 0

    /// Where the held text begins, if any is.
    var heldStart: Int? { held.first?.start }

    /// Whether a scalar would go straight through.
    func passes(_ scalar: UInt32) -> Bool { held.isEmpty && !Self.begins(scalar) }

    /// Whether a scalar may begin something that is undone here.
    static func begins(_ scalar: UInt32) -> Bool { scalar == percent || scalar == ampersand }

    /// Takes one scalar and gives what is now certain.
    mutating func take(_ piece: ShadowPiece) -> [ShadowPiece] {
        push(piece)
        defer { ready.removeAll(keepingCapacity: true) }
        return ready
    }

    /// Gives what is held as it came: the text ends here.
    mutating func flush() -> [ShadowPiece] {
        defer {
            held.removeAll(keepingCapacity: true)
            level = 0
        }
        return held
    }

    private mutating func push(_ piece: ShadowPiece) {
        held.append(piece)
        switch held[0].scalar {
        case Self.percent: pushPercent()
        case Self.ampersand: pushReference(piece.scalar)
        default:
            ready.append(piece)
            held.removeAll(keepingCapacity: true)
        }
    }

    private mutating func pushPercent() {
        guard held.count > 1 else { return }
        guard let high = HexDigit.value(held[1].scalar) else { return fail() }
        guard held.count > 2 else { return }
        guard let low = HexDigit.value(held[2].scalar), Self.needsNoEncoding(high << 4 | low)
        else { return fail() }
        succeed(high << 4 | low)
    }

    private mutating func pushReference(_ scalar: UInt32) {
        guard held.count > 1 else { return }
        if scalar == 0x3b {
            guard let meant = reference else { return fail() }
            return succeed(meant)
        }
        let isNumber = held[1].scalar == 0x23
        let isDigit = HexDigit.value(scalar) != nil || held.count == 3 && scalar | 0x20 == 0x78
        let isLetter = (scalar | 0x20) >= 0x61 && (scalar | 0x20) <= 0x7a && scalar < 0x80
        let goesOn = held.count == 2 ? isNumber || isLetter : isNumber ? isDigit : isLetter
        if !goesOn || held.count == Self.longest { fail() }
    }

    /// What the reference without its `;` stands for.
    private var reference: UInt32? {
        let body = held[1..<(held.count - 1)].map(\.scalar)
        guard body.first == 0x23 else {
            var name = ""
            for scalar in body.compactMap(Unicode.Scalar.init) {
                name.unicodeScalars.append(scalar)
            }
            return Self.names[name]
        }
        let isHex = body.count > 1 && body[1] | 0x20 == 0x78
        let digits = body.dropFirst(isHex ? 2 : 1)
        var value: UInt32 = 0
        for digit in digits {
            guard let number = HexDigit.value(digit), isHex || number < 10 else { return nil }
            value = min(value * (isHex ? 16 : 10) + number, 0x110000)
        }
        return digits.isEmpty ? nil : Unicode.Scalar(value)?.value
    }

    private mutating func succeed(_ scalar: UInt32) {
        let meant = ShadowPiece(
            scalar: scalar,
            start: held[0].start,
            end: held[held.count - 1].end
        )
        held.removeAll(keepingCapacity: true)
        level += 1
        if Self.begins(scalar), level < Self.depth {
            held.append(meant)
        } else {
            ready.append(meant)
            level = 0
        }
    }

    /// Lets the first scalar go as it came and looks at the rest anew.
    private mutating func fail() {
        let rest = Array(held.dropFirst())
        ready.append(held[0])
        held.removeAll(keepingCapacity: true)
        level = 0
        for piece in rest { push(piece) }
    }

    /// Whether a byte means the same with and without percent-encoding, or may begin another one.
    private static func needsNoEncoding(_ byte: UInt32) -> Bool {
        SymbolSet.wordCharacters.contains(byte) || byte == 0x2d || byte == 0x2e || byte == 0x7e
            || byte == percent
    }
}
