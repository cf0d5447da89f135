/// Takes a text from its bytes to the shadow, and finds the matches in it and in what is encoded in
/// it.
///
/// What a run of base64 says is such a text too: then each of its bytes stands for several of the
/// channel's.
struct TextMatcher: Sendable {
    private var matcher: SurfaceMatcher
    private var decoder = ScalarDecoder()
    private var scalarStart = 0
    private var end = 0
    private var jsonEscapes: EscapeStage?
    private var unicodeEscapes = EscapeStage(.unicode)
    private var references = ReferenceStage()
    /// What is encoded in the text, where rules look into that.
    private var encoded: [EncodedRun]
    /// Whether nothing is held on its way to the matcher, so that plain text passes straight through.
    private var isStraight = true

    init(
        _ program: SurfaceProgram,
        encoded: [EncodedRun],
        escapes: EscapeStage.Kind = .unicode
    ) {
        matcher = SurfaceMatcher(program)
        self.encoded = encoded
        jsonEscapes = escapes == .json ? EscapeStage(.json) : nil
    }

    /// Where text must be held from.
    var heldStart: Int? {
        // So that it is looked at where it is: it would be copied for every chunk.
        mutating get {
            if isStraight, encoded.isEmpty { return matcher.heldStart }
            var held = decoder.isIdle ? Int.max : scalarStart
            if let start = jsonEscapes?.heldStart { held = min(held, start) }
            if let start = unicodeEscapes.heldStart { held = min(held, start) }
            if let start = references.heldStart { held = min(held, start) }
            if let start = matcher.heldStart { held = min(held, start) }
            for index in encoded.indices { held = min(held, encoded[index].heldStart ?? held) }
            return held == .max ? nil : held
        }
    }

    /// Takes the next bytes, which are those of the channel from an offset on.
    mutating func feed(_ bytes: Span<UInt8>, base: Int) {
        var index = 0
        while index < bytes.count {
            if isStraight {
                let first = index
                index = matcher.skim(bytes, from: first, base: base)
                if !encoded.isEmpty { feedEncoded(bytes, first..<index, base: base) }
                guard index < bytes.count else { break }
            }
            take(bytes[index], from: base + index, to: base + index + 1)
            index += 1
        }
    }

    /// Takes one byte, and the bytes of the channel that it stands for.
    mutating func take(_ byte: UInt8, from start: Int, to end: Int) {
        if decoder.isIdle { scalarStart = start }
        switch decoder.take(byte) {
        case .more: self.end = end
        case .scalar(let scalar):
            take(ShadowPiece(scalar: scalar, start: scalarStart, end: end))
        case .broken:
            take(ShadowPiece(scalar: 0xfffd, start: scalarStart, end: start))
            take(byte, from: start, to: end)
        }
        isStraight = passesPlainText
    }

    /// Ends the text.
    mutating func finish() {
        if !decoder.isIdle {
            decoder.reset()
            take(ShadowPiece(scalar: 0xfffd, start: scalarStart, end: end))
        }
        if let pieces = jsonEscapes?.flush() { for piece in pieces { unescape(piece) } }
        for piece in unicodeEscapes.flush() { dereference(piece) }
        for piece in references.flush() { fold(piece) }
        matcher.finish()
        for index in encoded.indices { encoded[index].finish() }
    }

    /// Begins another text after one that has ended.
    mutating func restart() { matcher = SurfaceMatcher(matcher.program) }

    /// The matches since the last call.
    mutating func takeHits() -> [Hit] {
        var hits = matcher.takeHits()
        for index in encoded.indices { hits += encoded[index].takeHits() }
        return hits
    }

    // MARK: From bytes to the shadow

    private var passesPlainText: Bool {
        decoder.isIdle && unicodeEscapes.heldStart == nil && references.heldStart == nil
            && jsonEscapes?.heldStart == nil
    }

    private mutating func feedEncoded(_ bytes: Span<UInt8>, _ range: Range<Int>, base: Int) {
        for run in encoded.indices {
            for index in range {
                encoded[run].take(
                    ShadowPiece(
                        scalar: UInt32(bytes[index]),
                        start: base + index,
                        end: base + index + 1
                    )
                )
            }
        }
    }

    private mutating func take(_ piece: ShadowPiece) {
        if let passes = jsonEscapes?.passes(piece.scalar), !passes {
            for piece in jsonEscapes?.take(piece) ?? [] { unescape(piece) }
        } else {
            unescape(piece)
        }
    }

    private mutating func unescape(_ piece: ShadowPiece) {
        if unicodeEscapes.passes(piece.scalar) {
            dereference(piece)
        } else {
            for piece in unicodeEscapes.take(piece) { dereference(piece) }
        }
    }

    private mutating func dereference(_ piece: ShadowPiece) {
        if references.passes(piece.scalar) {
            fold(piece)
        } else {
            for piece in references.take(piece) { fold(piece) }
        }
    }

    private mutating func fold(_ piece: ShadowPiece) {
        for index in encoded.indices { encoded[index].take(piece) }
        switch FoldTable.shared.folding(of: piece.scalar) {
        case .same: matcher.feed(piece)
        case .symbol(let symbol):
            matcher.feed(ShadowPiece(scalar: symbol, start: piece.start, end: piece.end))
        case .sequence(let symbols):
            for symbol in symbols {
                matcher.feed(ShadowPiece(scalar: symbol, start: piece.start, end: piece.end))
            }
        case .mark:
            if piece.start == matcher.lastEnd,
                piece.end - matcher.lastBareEnd <= TextScanner.longestMarks
            {
                matcher.extendLast(to: piece.end)
            } else {
                skip(piece)
            }
        case .format: skip(piece)
        }
    }

    /// Leaves out an invisible character; an endless run of them ends whatever was going on.
    private mutating func skip(_ piece: ShadowPiece) {
        if piece.end - matcher.lastEnd > TextScanner.longestInvisibleRun {
            matcher.feed(ShadowPiece(scalar: 0xfffd, start: piece.end, end: piece.end))
        }
    }
}
