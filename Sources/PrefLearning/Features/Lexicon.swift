internal import FoundationEssentials

/// English words and phrases by what they do in an answer.
///
/// Data: `Data/lexicon.json`. Phrases have one to four words; a word's identity is a hash of its
/// lowercased scalars, so that reading makes no strings.
struct Lexicon: Sendable {
    /// What a phrase is a sign of.
    enum Kind: Int, CaseIterable, Sendable {
        case hedge, disclaimer, formal, informal, warm, example, preamble, function
    }

    struct Phrase: Sendable {
        let kind: Kind
        /// How many words it has.
        let words: Int
        /// The hashes of the words before the last, the nearest first; 0 where there are fewer.
        let before: (UInt64, UInt64, UInt64)

        /// Whether the words before the last are these, the nearest first.
        func follows(_ history: (UInt64, UInt64, UInt64)) -> Bool {
            (before.0 == 0 || before.0 == history.0) && (before.1 == 0 || before.1 == history.1)
                && (before.2 == 0 || before.2 == history.2)
        }
    }

    private struct File: Codable {
        let hedge, disclaimer, formal, informal, warm, example, preamble, function: [String]
    }

    /// The lexicon that is compiled in; a file that does not parse is a defect of the build.
    static let english: Lexicon = {
        do {
            let data = Data(PackageResources.lexicon_json)
            return Lexicon(try JSONDecoder().decode(File.self, from: data))
        } catch {
            preconditionFailure("Data/lexicon.json does not parse: \(error)")
        }
    }()

    /// All phrases, those that end in the same word side by side.
    private let phrases: [Phrase]
    /// An open table over the hashes of last words, which are spread well already; 0 where it is empty.
    private let slots: [UInt64]
    /// Where the phrases of a slot's word stand.
    private let places: [Range<Int>]

    private init(_ file: File) {
        let lists: [(Kind, [String])] = [
            (.hedge, file.hedge), (.disclaimer, file.disclaimer), (.formal, file.formal),
            (.informal, file.informal), (.warm, file.warm), (.example, file.example),
            (.preamble, file.preamble), (.function, file.function),
        ]
        var endings: [UInt64: [Phrase]] = [:]
        for (kind, phrases) in lists {
            for phrase in phrases {
                let words = Array(phrase.split(separator: " ").map(Self.hash).reversed())
                guard let last = words.first else { continue }
                let before = Array(words.dropFirst()) + [0, 0, 0]
                endings[last, default: []].append(
                    Phrase(
                        kind: kind,
                        words: words.count,
                        before: (before[0], before[1], before[2])
                    )
                )
            }
        }
        var phrases: [Phrase] = []
        var slots = [UInt64](repeating: 0, count: Self.slotCount(for: endings.count))
        var places = [Range<Int>](repeating: 0..<0, count: slots.count)
        for (word, ending) in endings {
            let slot = Self.slot(of: word, in: slots)
            slots[slot] = word
            places[slot] = phrases.count..<phrases.count + ending.count
            phrases += ending
        }
        self.phrases = phrases
        self.slots = slots
        self.places = places
    }

    /// A power of two that leaves three slots in four empty, so that most looks end at the first.
    private static func slotCount(for words: Int) -> Int {
        var count = 1
        while count < words * 4 { count *= 2 }
        return count
    }

    /// The slot that holds a word, or the empty one where it would go.
    private static func slot(of word: UInt64, in slots: [UInt64]) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: word) & mask
        while slots[slot] != word && slots[slot] != 0 { slot = (slot + 1) & mask }
        return slot
    }

    /// The places of the phrases that end in a word.
    func endings(_ word: UInt64) -> Range<Int> { places[Self.slot(of: word, in: slots)] }

    /// The phrase at a place.
    subscript(place: Int) -> Phrase { phrases[place] }

    /// FNV-1a over the scalars.
    ///
    /// Source: Fowler, Noll and Vo, RFC 9923.
    static func hash(_ hash: UInt64, _ scalar: UInt32) -> UInt64 {
        (hash ^ UInt64(scalar)) &* 0x0000_0100_0000_01B3
    }

    /// The hash of nothing.
    static let emptyHash: UInt64 = 0xCBF2_9CE4_8422_2325

    private static func hash(_ word: Substring) -> UInt64 {
        word.unicodeScalars.reduce(emptyHash) { hash($0, $1.value) }
    }
}
