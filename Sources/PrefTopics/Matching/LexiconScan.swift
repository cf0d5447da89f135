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
    /// Where each slot of the combinations was last filled.
    private var lastSeen: [Int32]
    private var done: [Bool]
    /// The terms that begin at one place; kept for its storage.
    private var found: [(term: Int, end: Int)] = []

    init(_ text: FoldedText, _ lexicon: Lexicon, topics: Int) {
        tallies = [Tally](repeating: Tally(), count: topics)
        lastSeen = [Int32](repeating: -1000, count: lexicon.slotCount)
        done = [Bool](repeating: false, count: lexicon.combinations.count)
        let bytes = text.bytes.span
        let inner = Self.innerPlaces(lexicon, bytes)
        var nextInner = 0
        for (index, start) in text.starts.enumerated() {
            let offset = Int(start.offset)
            visit(lexicon, bytes, from: offset, at: start.position)
            if start.isWord, bytes[offset] == 0xd8 || bytes[offset] == 0xd9 {
                ArabicStarts.visit(bytes, from: offset) { stem in
                    visit(lexicon, bytes, from: stem, at: start.position)
                }
            }
            guard nextInner < inner.count else { continue }
            let end = index + 1 < text.starts.count ? text.starts[index + 1].offset : .max
            while nextInner < inner.count, inner[nextInner] < end {
                if start.isWord {
                    visitInner(lexicon, bytes, from: Int(inner[nextInner]), at: start.position)
                }
                nextInner += 1
            }
        }
    }

    /// The offsets at which a term may begin inside of a word, by its first two bytes.
    private static func innerPlaces(_ lexicon: Lexicon, _ bytes: Span<UInt8>) -> [Int32] {
        guard !lexicon.inner.isEmpty, bytes.count > 1 else { return [] }
        var places: [Int32] = []
        let table = lexicon.innerBeginnings
        let beginnings = table.span
        var first = Int(bytes[0])
        for offset in 1..<bytes.count {
            let second = Int(bytes[offset])
            if beginnings[first << 8 | second] { places.append(Int32(offset - 1)) }
            first = second
        }
        return places
    }

    @inline(__always)
    private mutating func visit(
        _ lexicon: Lexicon,
        _ bytes: Span<UInt8>,
        from offset: Int,
        at position: Int32
    ) {
        lexicon.words.walk(bytes, from: offset) { term, end in found.append((term, end)) }
        if !found.isEmpty { take(lexicon, position, isInner: false) }
    }

    private mutating func visitInner(
        _ lexicon: Lexicon,
        _ bytes: Span<UInt8>,
        from offset: Int,
        at position: Int32
    ) {
        lexicon.inner.walk(bytes, from: offset) { term, end in found.append((term, end)) }
        if !found.isEmpty { take(lexicon, position, isInner: true) }
    }

    /// Counts the terms that were found at one place, and forgets them.
    @inline(never)
    private mutating func take(_ lexicon: Lexicon, _ position: Int32, isInner: Bool) {
        defer { found.removeAll(keepingCapacity: true) }
        for (term, end) in found {
            for meaning in lexicon.meanings(of: term, isInner: isInner)
            where meaning.kind == .never {
                if let topic = meaning.topic {
                    tallies[topic].maskedUntil = max(tallies[topic].maskedUntil, end)
                } else {
                    masked = max(masked, end)
                }
            }
        }
        // Of the terms that begin here the longest speaks for a topic: `financ*` and `financial*` are one
        // word.
        var spoken: UInt64 = 0
        for (term, end) in found.reversed() where end > masked {
            for meaning in lexicon.meanings(of: term, isInner: isInner) {
                guard let topic = meaning.topic, end > tallies[topic].maskedUntil else { continue }
                if case .part(let combination, let slot) = meaning.kind {
                    note(combination, slot, position, lexicon)
                    continue
                }
                guard spoken & (1 << UInt64(topic)) == 0 else { continue }
                spoken |= 1 << UInt64(topic)
                guard isNew(isInner ? -1 - term : term, topic) else { continue }
                if meaning.kind == .strong {
                    tallies[topic].strong += 1
                } else {
                    tallies[topic].weak += 1
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
        let slots = lexicon.combinations[combination]
        lastSeen[slots.firstSlot + slot] = position
        for other in 0..<slots.slots
        where position - lastSeen[slots.firstSlot + other] > Self.window { return }
        done[combination] = true
        tallies[slots.topic].combined += 1
    }
}
