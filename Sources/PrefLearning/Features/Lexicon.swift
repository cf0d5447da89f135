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
        /// The hashes of the words before the last, the nearest first.
        let before: [UInt64]
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

    /// The phrases that end in a word, by its hash.
    private let endings: [UInt64: [Phrase]]

    private init(_ file: File) {
        var endings: [UInt64: [Phrase]] = [:]
        let lists: [(Kind, [String])] = [
            (.hedge, file.hedge), (.disclaimer, file.disclaimer), (.formal, file.formal),
            (.informal, file.informal), (.warm, file.warm), (.example, file.example),
            (.preamble, file.preamble), (.function, file.function),
        ]
        for (kind, phrases) in lists {
            for phrase in phrases {
                let words = phrase.split(separator: " ").map(Self.hash)
                guard let last = words.last else { continue }
                let before = Array(words.dropLast().reversed())
                endings[last, default: []].append(Phrase(kind: kind, before: before))
            }
        }
        self.endings = endings
    }

    /// The phrases that a word may end.
    func endings(_ word: UInt64) -> [Phrase]? { endings[word] }

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
