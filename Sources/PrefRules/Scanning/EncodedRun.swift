/// Finds matches in what is encoded in a text: in runs of base64 or of hexadecimal digits.
///
/// Each run is decoded from its beginning as it comes, and what it says is matched as a text of its
/// own. What is redacted are the characters that hold the match.
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

        fileprivate func value(_ byte: UInt8) -> UInt32? {
            if self == .hex { return HexDigit.value(UInt32(byte)) }
            switch byte {
            case 0x41...0x5a: return UInt32(byte) - 0x41
            case 0x61...0x7a: return UInt32(byte) - 0x61 + 26
            case 0x30...0x39: return UInt32(byte) - 0x30 + 52
            case 0x2b, 0x2d: return 62
            case 0x2f, 0x5f: return 63
            default: return nil
            }
        }
    }

    /// How many characters a line of a run has at least for the run to go on after its end.
    private static let shortestLine = 60

    private let encoding: Encoding
    private var matcher: SurfaceMatcher
    // Bits that are no whole byte yet, how many, and where the character with the first of them is.
    private var rest: UInt32 = 0
    private var restCount = 0
    private var restStart = 0
    private var lineLength = 0
    private var hits: [Hit] = []

    init(_ encoding: Encoding, _ program: SurfaceProgram) {
        self.encoding = encoding
        matcher = SurfaceMatcher(program)
    }

    /// One for each encoding that rules of a surface look into.
    static func of(_ program: SurfaceProgram) -> [EncodedRun] {
        Encoding.allCases.compactMap { encoding in
            program.encoded[encoding].map { EncodedRun(encoding, $0) }
        }
    }

    /// Where text must be held from: a match that has begun, or a character that is not used up.
    var heldStart: Int? {
        let pending = restCount > 0 ? restStart : nil
        guard let start = matcher.heldStart else { return pending }
        return min(start, pending ?? start)
    }

    /// Takes the next bytes of the text.
    mutating func feed(_ bytes: Span<UInt8>, base: Int) {
        for index in bytes.indices { take(bytes[index], at: base + index) }
    }

    /// Ends the text.
    mutating func finish() { end() }

    /// The matches since the last call.
    mutating func takeHits() -> [Hit] {
        hits += matcher.takeHits()
        guard !hits.isEmpty else { return [] }
        defer { hits.removeAll(keepingCapacity: true) }
        return hits
    }

    private mutating func take(_ byte: UInt8, at offset: Int) {
        guard let value = encoding.value(byte) else {
            let isLineBreak = byte == 0x0a || byte == 0x0d
            if isLineBreak, lineLength == 0 || lineLength >= Self.shortestLine {
                lineLength = 0
            } else {
                end()
            }
            return
        }
        lineLength += 1
        if restCount == 0 { restStart = offset }
        rest = rest << UInt32(encoding.bits) | value
        restCount += encoding.bits
        guard restCount >= 8 else { return }
        restCount -= 8
        let decoded = rest >> UInt32(restCount)
        rest &= 1 << UInt32(restCount) - 1
        matcher.feed(
            ShadowPiece(
                scalar: decoded < 0x80 ? decoded : 0xfffd,
                start: restStart,
                end: offset + 1
            )
        )
        restStart = offset
    }

    /// The run is over: what it said is a whole text.
    private mutating func end() {
        rest = 0
        restCount = 0
        lineLength = 0
        guard matcher.count > 0 else { return }
        matcher.finish()
        hits += matcher.takeHits()
        matcher = SurfaceMatcher(matcher.program)
    }
}
