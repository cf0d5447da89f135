/// The terms of all topics, compiled.
final class Lexicon: Sendable {
    /// What a term speaks for.
    struct Meaning: Sendable, Hashable {
        enum Kind: Sendable, Hashable {
            /// About the topic by itself.
            case strong
            /// About it beside another.
            case weak
            /// Means something else, and so do the words in it.
            case never
            /// One part of a combination.
            case part(combination: Int, slot: Int)
        }

        /// The topic's place; nil for what means nothing sensitive on any topic.
        let topic: Int?
        let kind: Kind
    }

    /// Parts that are about a topic where all of them stand near each other.
    struct Combination: Sendable {
        let topic: Int
        /// Where its slots begin among those of all combinations.
        let firstSlot: Int
        let slots: Int
    }

    let words: TermTrie
    /// Terms that may also begin inside a word, as in German compounds.
    let inner: TermTrie
    let combinations: [Combination]
    /// How many slots all combinations have together.
    var slotCount: Int { combinations.last.map { $0.firstSlot + $0.slots } ?? 0 }
    /// Which two bytes any inner term begins with.
    let innerBeginnings: [Bool]

    private let wordMeanings: [[Meaning]]
    private let innerMeanings: [[Meaning]]

    /// What a term of ``words`` or ``inner`` speaks for.
    func meanings(of term: Int, isInner: Bool) -> [Meaning] {
        isInner ? innerMeanings[term] : wordMeanings[term]
    }

    /// Compiles terms.
    init(terms: [(term: Term, meaning: Meaning)], combinations: [Combination]) {
        var words = TermTable()
        var inner = TermTable()
        for (term, meaning) in terms {
            if term.isInner {
                inner.add(term.key, meaning)
            } else {
                words.add(term.key, meaning)
            }
        }
        self.words = TermTrie(words.keys)
        self.inner = TermTrie(inner.keys)
        wordMeanings = words.meanings
        innerMeanings = inner.meanings
        self.combinations = combinations
        var beginnings = [Bool](repeating: false, count: 1 << 16)
        for key in inner.keys where key.count > 1 {
            beginnings[Int(key[0]) << 8 | Int(key[1])] = true
        }
        innerBeginnings = beginnings
    }

    private struct TermTable {
        var keys: [[UInt8]] = []
        var meanings: [[Meaning]] = []
        private var places: [[UInt8]: Int] = [:]

        mutating func add(_ key: [UInt8], _ meaning: Meaning) {
            if let place = places[key] {
                if !meanings[place].contains(meaning) { meanings[place].append(meaning) }
                return
            }
            places[key] = keys.count
            keys.append(key)
            meanings.append([meaning])
        }
    }
}

/// One term as it is looked for.
struct Term: Hashable {
    /// Its folded bytes; a space at the end where the last word has to end there.
    let key: [UInt8]
    /// Whether it may begin inside a word.
    let isInner: Bool

    /// Reads a term as it stands in a file, such as `gun control` or `immigra*`; nil where nothing is
    /// left of it, a `*` stands inside, or a comma of another script, which would join two terms.
    init?(_ text: ArraySlice<UInt8>) {
        let star = UInt8(ascii: "*")
        var text = text
        isInner = text.first == star
        if isInner { text.removeFirst() }
        let isOpen = text.last == star
        if isOpen { text.removeLast() }
        guard !text.contains(star), !Self.hasOtherComma(text) else { return nil }
        var folded = FoldedText()
        folded.append(text.span)
        var key = folded.bytes
        if isOpen, key.last == UInt8(ascii: " ") { key.removeLast() }
        guard key.contains(where: { $0 != UInt8(ascii: " ") }), key.count > 1 else { return nil }
        self.key = key
    }

    /// Whether `،` (D8 8C) or `，` (EF BC 8C) is in it.
    private static func hasOtherComma(_ text: ArraySlice<UInt8>) -> Bool {
        var before: (UInt8, UInt8) = (0, 0)
        for byte in text {
            if byte == 0x8c, before.1 == 0xd8 || before == (0xef, 0xbc) { return true }
            before = (before.1, byte)
        }
        return false
    }
}
