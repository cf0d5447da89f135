/// Finds matches in what is encoded in a text: in runs of base64 or of hexadecimal digits.
///
/// Each run is decoded from its beginning as it comes, and what it says is matched as a text of its
/// own, in which runs are decoded again, three deep. What is redacted are the characters that hold
/// the match.
///
/// Source: RFC 4648, sections 4, 5 and 8.
struct EncodedRun: Sendable {
    /// How text is encoded.
    enum Encoding: Sendable, CaseIterable {
        case base64
        case hex

        /// What rules ask for.
        var seeThrough: SeeThrough {
            switch self {
            case .base64: .base64
            case .hex: .hex
            }
        }

        /// How many bits a character has.
        fileprivate var bits: Int {
            switch self {
            case .base64: 6
            case .hex: 4
            }
        }

        fileprivate func value(_ scalar: UInt32) -> UInt32? {
            if self == .hex { return HexDigit.value(scalar) }
            switch scalar {
            case 0x41...0x5a: return scalar - 0x41
            case 0x61...0x7a: return scalar - 0x61 + 26
            case 0x30...0x39: return scalar - 0x30 + 52
            case 0x2b, 0x2d: return 62
            case 0x2f, 0x5f: return 63
            default: return nil
            }
        }
    }

    /// How many characters a line of a run has at least for the run to go on after its end.
    private static let shortestLine = 60

    /// How deep what is encoded is looked into.
    private static let depth = 3

    private let encoding: Encoding
    private var text: TextMatcher
    private var isEmpty = true
    // Bits that are no whole byte yet, how many, and where the character with the first of them is.
    private var rest: UInt32 = 0
    private var restCount = 0
    private var restStart = 0
    private var lineLength = 0
    private var hits: [Hit] = []

    private init(_ encoding: Encoding, _ text: TextMatcher) {
        self.encoding = encoding
        self.text = text
    }

    /// One for each encoding that rules of a surface look into.
    static func of(_ program: SurfaceProgram) -> [EncodedRun] {
        runs(of: program, in: [], depth: depth)
    }

    /// Those in what was encoded in some ways already: for the rules that see through all of them.
    private static func runs(
        of program: SurfaceProgram,
        in outer: Set<Encoding>,
        depth: Int
    ) -> [EncodedRun] {
        guard depth > 0 else { return [] }
        return Encoding.allCases.compactMap { encoding in
            let all = outer.union([encoding])
            return program.encoded[all].map { inner in
                let runs = runs(of: program, in: all, depth: depth - 1)
                return EncodedRun(encoding, TextMatcher(inner, encoded: runs))
            }
        }
    }

    /// Where text must be held from: a match that has begun, or a character that is not used up.
    var heldStart: Int? {
        mutating get {
            let pending = restCount > 0 ? restStart : nil
            guard let start = text.heldStart else { return pending }
            return min(start, pending ?? start)
        }
    }

    /// Ends the text.
    mutating func finish() { end() }

    /// The matches since the last call.
    mutating func takeHits() -> [Hit] {
        hits += text.takeHits()
        guard !hits.isEmpty else { return [] }
        defer { hits.removeAll(keepingCapacity: true) }
        return hits
    }

    /// Takes the next character of the text.
    mutating func take(_ piece: ShadowPiece) {
        guard let value = encoding.value(piece.scalar) else {
            let isLineBreak = piece.scalar == 0x0a || piece.scalar == 0x0d
            if isLineBreak, lineLength == 0 || lineLength >= Self.shortestLine {
                lineLength = 0
            } else {
                end()
            }
            return
        }
        lineLength += 1
        if restCount == 0 { restStart = piece.start }
        rest = rest << UInt32(encoding.bits) | value
        restCount += encoding.bits
        guard restCount >= 8 else { return }
        restCount -= 8
        isEmpty = false
        text.take(UInt8(rest >> UInt32(restCount)), from: restStart, to: piece.end)
        rest &= 1 << UInt32(restCount) - 1
        restStart = piece.start
    }

    /// The run is over: what it said is a whole text.
    private mutating func end() {
        rest = 0
        restCount = 0
        lineLength = 0
        guard !isEmpty else { return }
        isEmpty = true
        text.finish()
        hits += text.takeHits()
        text.restart()
    }
}
