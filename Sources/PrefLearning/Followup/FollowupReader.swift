internal import FoundationEssentials
public import PrefModel

/// Reads what a user's next message asks of the answer before it: "shorter", "too formal".
///
/// Data: `Data/followups.json`, phrases in twelve languages. Only short messages that are little more
/// than such a phrase are read, so that a question about something else says nothing: what is missed
/// costs less than what is made up.
public struct FollowupReader: Sendable {
    /// What a message says about the answer before it.
    public enum Reading: Hashable, Sendable {
        /// More (above 0) or less (below 0) of some axes.
        case asked([AnswerAxis: Double])
        /// Another answer, with nothing said about how.
        case again
    }

    private struct File: Codable {
        let version: Int
        let meanings: [String: [String: Double]]
        let phrases: [String: [String: [String]]]
        let negations: [String: [String]]
    }

    private struct Phrase: Sendable {
        let words: [String]
        let meaning: String
    }

    private let meanings: [String: [AnswerAxis: Double]]
    /// By language, the longest first.
    private let phrases: [String: [Phrase]]
    private let negations: [String: Set<String>]

    /// The phrases that are compiled in; a file that does not parse is a defect of the build.
    public static let standard: FollowupReader = {
        do {
            let file = try JSONDecoder().decode(
                File.self,
                from: Data(PackageResources.followups_json)
            )
            return FollowupReader(file)
        } catch {
            preconditionFailure("Data/followups.json does not parse: \(error)")
        }
    }()

    /// The languages that it reads, as BCP 47 primary subtags.
    public var languages: Set<String> { Set(phrases.keys) }

    private init(_ file: File) {
        meanings = file.meanings.mapValues { axes in
            var known: [AnswerAxis: Double] = [:]
            for (name, direction) in axes {
                if let axis = AnswerAxis(rawValue: name) { known[axis] = direction }
            }
            return known
        }
        phrases = file.phrases.mapValues { meanings in
            meanings.flatMap { meaning, texts in
                texts.map { Phrase(words: Self.words($0), meaning: meaning) }
            }
            .sorted { ($1.words.count, $0.words.joined()) < ($0.words.count, $1.words.joined()) }
        }
        negations = file.negations.mapValues(Set.init)
    }

    /// What a message asks; nil where it asks nothing that is known.
    ///
    /// - Parameters:
    ///   - message: the user's message.
    ///   - language: the conversation's BCP 47 tag; where it is nil every language is tried, and a
    ///     message that languages read differently says nothing.
    /// - Returns: the reading.
    public func read(_ message: String, language: String? = nil) -> Reading? {
        guard message.utf8.count <= 400 else { return nil }
        let words = Self.words(message)
        if let primary = language?.lowercased().split(separator: "-").first {
            return read(words, in: String(primary))
        }
        let readings = phrases.keys.compactMap { read(words, in: $0) }
        guard let first = readings.first, readings.allSatisfy({ $0 == first }) else { return nil }
        return first
    }

    /// What a message asks, as features to keep with a signal under ``Observation/askedRole``.
    public static func features(_ asked: [AnswerAxis: Double]) -> TextFeatures {
        TextFeatures(
            version: AnswerFeatures.version,
            values: Dictionary(uniqueKeysWithValues: asked.map { ($0.key.rawValue, $0.value) })
        )
    }

    private func read(_ words: [String], in language: String) -> Reading? {
        guard let phrases = phrases[language] else { return nil }
        var rest = words
        var meanings: Set<String> = []
        for phrase in phrases {
            guard let at = Self.position(of: phrase.words, in: rest) else { continue }
            // "not shorter": what was meant is anyone's guess.
            let before = rest[max(0, at - 3)..<at]
            if before.contains(where: { negations[language]?.contains($0) == true }) { return nil }
            meanings.insert(phrase.meaning)
            // Words that a longer phrase has used are used up: "too short" is no wish for "short".
            rest.replaceSubrange(at..<(at + phrase.words.count), with: ["\u{0}"])
        }
        // Japanese negates behind what is negated.
        if language == "ja", rest.joined().contains("ないで") { return nil }
        let others = rest.filter { $0 != "\u{0}" }.count
        guard !meanings.isEmpty, others <= (Self.isSpaceless(words) ? 12 : 6) else { return nil }
        var asked: [AnswerAxis: Double] = [:]
        for meaning in meanings.subtracting(["again"]) {
            for (axis, direction) in self.meanings[meaning] ?? [:] {
                asked[axis, default: 0] += direction
            }
        }
        asked = asked.filter { $0.value != 0 }.mapValues { min(1, max(-1, $0)) }
        if !asked.isEmpty { return .asked(asked) }
        return meanings.contains("again") ? .again : nil
    }

    /// Lowercased words; each scalar of a script without spaces is one.
    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        func end() {
            if !word.isEmpty { words.append(word) }
            word = ""
        }
        for scalar in text.lowercased().unicodeScalars {
            switch scalar.value {
            case 0x27, 0x2019: if !word.isEmpty { word.unicodeScalars.append("'") }
            case 0x3041...0x30FF, 0x3400...0x9FFF:
                end()
                words.append(String(Character(scalar)))
            default:
                if scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    || scalar.properties.generalCategory == .nonspacingMark
                {
                    word.unicodeScalars.append(scalar)
                } else {
                    end()
                }
            }
        }
        end()
        return words
    }

    private static func isSpaceless(_ words: [String]) -> Bool {
        words.contains { $0.unicodeScalars.allSatisfy { $0.value >= 0x3041 && $0.value <= 0x9FFF } }
    }

    private static func position(of phrase: [String], in words: [String]) -> Int? {
        guard !phrase.isEmpty, phrase.count <= words.count else { return nil }
        return (0...(words.count - phrase.count)).first { start in
            words[start..<(start + phrase.count)].elementsEqual(phrase)
        }
    }
}
