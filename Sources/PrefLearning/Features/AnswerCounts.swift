public import PrefModel

/// What an ``AnswerReader`` has counted of an answer.
///
/// A fifth of what its features take by name, so that it can be kept for each of somebody's latest answers.
public struct AnswerCounts: Sendable {
    let surface: SurfaceCounts
    let words: WordCounts?

    /// The features by name, of ``AnswerFeatures/version``.
    public var features: TextFeatures {
        var values = surface.values
        if let words { values.merge(words.values(of: surface.words)) { first, _ in first } }
        return TextFeatures(version: AnswerFeatures.version, values: values)
    }
}

/// What a ``WordReader`` has counted.
struct WordCounts: Sendable {
    /// What is counted in English alone, by a lexicon.
    struct English: Sendable {
        let hedges: Int
        let disclaimers: Int
        let formalWords: Int
        let informalWords: Int
        let contractions: Int
        let warmWords: Int
        let exampleMarkers: Int
        let veryLongWords: Int
    }

    let technicalTokens: Int
    let inlineCode: Int
    let firstSentenceWords: Int
    let opensIndirectly: Bool
    let longWords: Int
    let spacedWords: Int
    /// Nil where the answer is in another language.
    let english: English?

    init(_ reader: WordReader, language: String?) {
        technicalTokens = reader.technicalTokens
        inlineCode = reader.inlineCode
        firstSentenceWords = reader.firstSentenceWords
        opensIndirectly = reader.opensIndirectly
        longWords = reader.longWords
        spacedWords = reader.spacedWords
        english = Self.isEnglish(reader, language: language) ? English(reader) : nil
    }

    private static func isEnglish(_ reader: WordReader, language: String?) -> Bool {
        if let language {
            let lower = language.lowercased()
            return lower == "en" || lower.hasPrefix("en-")
        }
        return reader.count(.function) * 5 >= reader.spacedWords
    }

    /// The features by name, of an answer of so many words.
    func values(of words: Int) -> [String: Double] {
        var values = english?.values ?? [:]
        values["technical_tokens"] = Double(technicalTokens)
        values["inline_code"] = Double(inlineCode)
        values["first_sentence_words"] = Double(firstSentenceWords)
        values["opens_indirectly"] = opensIndirectly ? 1 : 0
        if spacedWords * 2 >= words { values["long_words"] = Double(longWords) }
        return values
    }
}

extension WordCounts.English {
    init(_ reader: WordReader) {
        hedges = reader.count(.hedge)
        disclaimers = reader.count(.disclaimer)
        formalWords = reader.count(.formal)
        informalWords = reader.count(.informal)
        contractions = reader.contractions
        warmWords = reader.count(.warm)
        exampleMarkers = reader.count(.example)
        veryLongWords = reader.veryLongWords
    }

    var values: [String: Double] {
        [
            "hedges": Double(hedges),
            "disclaimers": Double(disclaimers),
            "formal_words": Double(formalWords),
            "informal_words": Double(informalWords),
            "contractions": Double(contractions),
            "warm_words": Double(warmWords),
            "example_markers": Double(exampleMarkers),
            "very_long_words": Double(veryLongWords),
        ]
    }
}
