/// What the lexicon finds in one text.
struct LexiconScan {
    /// What speaks for one topic.
    struct Tally {
        var strong = 0
        var weak = 0
        var combined = 0
        /// Behind which offset this topic's terms count again.
        var maskedUntil = 0
    }

    /// How many words apart the parts of a combination may stand.
    private static let window: Int32 = 16

    private(set) var tallies: [Tally]
    private var masked = 0
    private var seen: [Int32] = []
    private var lastSeen: [[Int32]]
    private var done: [Bool]

    init(_ text: FoldedText, _ lexicon: Lexicon, topics: Int) {
        tallies = [Tally](repeating: Tally(), count: topics)
        lastSeen = lexicon.combinations.map { [Int32](repeating: -1000, count: $0.slots) }
        done = [Bool](repeating: false, count: lexicon.combinations.count)
        let bytes = text.bytes
        for start in text.starts {
            let offset = Int(start.offset)
            visit(lexicon, bytes, from: offset, at: start.position)
            if start.isWord, bytes[offset] == 0xd8 || bytes[offset] == 0xd9 {
                ArabicStarts.visit(bytes, from: offset) { stem in
                    visit(lexicon, bytes, from: stem, at: start.position)
                }
            }
            if start.isWord, !lexicon.inner.isEmpty {
                visitInner(lexicon, bytes, from: offset, at: start.position)
            }
        }
    }

    private mutating func visit(
        _ lexicon: Lexicon,
        _ bytes: [UInt8],
        from offset: Int,
        at position: Int32
    ) {
        var found: [(term: Int, end: Int)] = []
        lexicon.words.walk(bytes, from: offset) { term, end in found.append((term, end)) }
        guard !found.isEmpty else { return }
        take(found.map { ($0.term, lexicon.meanings(ofWord: $0.term), $0.end) }, position, lexicon)
    }

    private mutating func visitInner(
        _ lexicon: Lexicon,
        _ bytes: [UInt8],
        from offset: Int,
        at position: Int32
    ) {
        var offset = offset
        while offset + 1 < bytes.count, bytes[offset] != UInt8(ascii: " ") {
            if lexicon.innerBeginnings[Int(bytes[offset]) << 8 | Int(bytes[offset + 1])] {
                var found: [(term: Int, end: Int)] = []
                lexicon.inner.walk(bytes, from: offset) { term, end in found.append((term, end)) }
                if !found.isEmpty {
                    // Inner terms are known by numbers below zero.
                    take(
                        found.map { (-1 - $0.term, lexicon.meanings(ofInner: $0.term), $0.end) },
                        position,
                        lexicon
                    )
                }
            }
            offset += 1
        }
    }

    private mutating func take(
        _ found: [(term: Int, meanings: [Lexicon.Meaning], end: Int)],
        _ position: Int32,
        _ lexicon: Lexicon
    ) {
        for (_, meanings, end) in found {
            for meaning in meanings where meaning.kind == .never {
                if let topic = meaning.topic {
                    tallies[topic].maskedUntil = max(tallies[topic].maskedUntil, end)
                } else {
                    masked = max(masked, end)
                }
            }
        }
        for (term, meanings, end) in found where end > masked {
            for meaning in meanings {
                guard let topic = meaning.topic, end > tallies[topic].maskedUntil else { continue }
                switch meaning.kind {
                case .strong where isNew(term, topic): tallies[topic].strong += 1
                case .weak where isNew(term, topic): tallies[topic].weak += 1
                case .part(let combination, let slot):
                    note(combination, slot, position, lexicon)
                default: break
                }
            }
        }
    }

    private mutating func isNew(_ term: Int, _ topic: Int) -> Bool {
        let id = Int32(truncatingIfNeeded: term &* 64 &+ topic)
        guard !seen.contains(id) else { return false }
        // Enough is known by then.
        if seen.count < 64 { seen.append(id) }
        return true
    }

    private mutating func note(
        _ combination: Int,
        _ slot: Int,
        _ position: Int32,
        _ lexicon: Lexicon
    ) {
        guard !done[combination] else { return }
        lastSeen[combination][slot] = position
        if lastSeen[combination].allSatisfy({ position - $0 <= Self.window }) {
            done[combination] = true
            tallies[lexicon.combinations[combination].topic].combined += 1
        }
    }
}
