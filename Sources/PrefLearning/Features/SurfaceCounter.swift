/// Counts surface features scalar by scalar: what each line is, and the prose in it.
struct SurfaceCounter {
    private var counted = SurfaceCounts()
    private var lines = LineShape()
    private var prose = ProseCounter()
    private var emoji = EmojiCounter()
    /// Reads the words of the prose as well, where someone asked for them.
    private(set) var reader: WordReader?
    private var inFence: Character?
    private var fenceLength = 0

    /// Counts the surface, and the words through `reader` where one is given.
    init(reader: WordReader? = nil) { self.reader = reader }

    /// Takes the next bytes of UTF-8, cut between scalars.
    ///
    /// The same as scalar by scalar. But most of a text is words of plain letters, and those are taken
    /// as a run; inside of code only the ends of its lines matter.
    mutating func feed(_ text: Span<UInt8>) {
        var place = 0
        while place < text.count {
            let byte = text[place]
            if lines.isSettled, byte != UInt8(ascii: "\n") {
                let end =
                    inFence == nil ? text.endOfLetters(from: place) : text.endOfLine(from: place)
                if end > place {
                    takeRun(text.extracting(place..<end))
                    place = end
                    continue
                }
            }
            if byte < 0x80 {
                feed(Unicode.Scalar(byte))
                place += 1
            } else {
                let end = text.endOfNonASCII(from: place)
                takeScalars(text.extracting(place..<end))
                place = end
            }
        }
    }

    /// Takes the next scalar.
    mutating func feed(_ scalar: Unicode.Scalar) {
        counted.characters += 1
        if scalar == "\n" {
            endLine()
            return
        }
        if lines.isSettled {
            guard inFence == nil else { return }
            emoji.feed(scalar)
            take(scalar)
            return
        }
        lines.feed(scalar)
        guard inFence == nil else { return }
        emoji.feed(scalar)
        // What a line begins with (`1.`, `-`, `#`, `|`) is layout and no prose.
        if !lines.isLayout {
            for held in lines.takeHeld() { take(held) }
            take(scalar)
        }
    }

    private mutating func takeScalars(_ run: Span<UInt8>) {
        guard let valid = try? UTF8Span(validating: run) else {
            feed("\u{FFFD}" as Unicode.Scalar)
            return
        }
        var scalars = valid.makeUnicodeScalarIterator()
        while let scalar = scalars.next() { feed(scalar) }
    }

    /// Takes ASCII letters of prose, or what is left of a line of code.
    private mutating func takeRun(_ run: Span<UInt8>) {
        guard inFence == nil else {
            counted.characters += run.countOfScalars
            return
        }
        counted.characters += run.count
        emoji.endRun()
        prose.feed(letters: run)
        reader?.feed(letters: run)
    }

    /// Takes the end of the text.
    mutating func finish() {
        if !lines.isEmpty { endLine() }
        endSentence()
    }

    private mutating func take(_ scalar: Unicode.Scalar) {
        prose.feed(scalar)
        reader?.feed(scalar)
    }

    private mutating func endSentence() {
        prose.endSentence()
        reader?.endSentence()
    }

    private mutating func endLine() {
        let held = lines.takeHeld()
        let shape = lines
        lines = LineShape()
        if let fence = shape.fence {
            if let open = inFence {
                let closes =
                    fence.character == open && fence.length >= fenceLength && !fence.hasInfo
                if closes { inFence = nil } else { counted.codeLines += 1 }
            } else {
                endSentence()
                counted.codeFences += 1
                inFence = fence.character
                fenceLength = fence.length
            }
            return
        }
        guard inFence == nil else {
            counted.codeLines += 1
            return
        }
        for scalar in held { take(scalar) }
        prose.endWord()
        reader?.feed(" ")
        emoji.endRun()
        count(shape)
    }

    private mutating func count(_ shape: LineShape) {
        switch shape.kind {
        case .bullet: counted.bullets += 1
        case .numbered: counted.numberedItems += 1
        case .heading: counted.headings += 1
        case .tableRow: counted.tableRows += 1
        case .plain: return
        case .blank, .tableDelimiter: break
        }
        endSentence()
    }

    /// What was counted so far.
    var counts: SurfaceCounts {
        var counts = counted
        counts.words = prose.words
        counts.sentences = prose.sentences
        counts.questions = prose.questions
        counts.exclamations = prose.exclamations
        counts.emoji = emoji.count
        return counts
    }
}
