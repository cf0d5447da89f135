public import PrefModel

/// Reads an answer as it comes and measures what the learner knows answers by.
///
/// Version 2 of the features: every count of ``SurfaceFeatures`` under its name there, and:
///
/// - `technical_tokens`: words with two capitals or more (acronyms, camel case) or with letters and
///   digits mixed. `inline_code`: spans between backticks in prose.
/// - `long_words`: words of more than six letters, left out where most words are of a script without
///   spaces. Source: the long words of LIX (Björnsson, *Läsbarhet*, 1968).
/// - `first_sentence_words`; `opens_indirectly`: 1 where the first sentence asks, ends in a colon, or
///   (in English) begins with a phrase that only leads up to the answer.
///
/// And in English alone, by a lexicon: `hedges` (after Hyland, *Hedging in Scientific Research
/// Articles*, 1998), `disclaimers`, `formal_words` and `informal_words` and `contractions` (after
/// Heylighen and Dewaele, "Formality of Language", 1999), `warm_words`, `example_markers`,
/// `very_long_words` (twelve letters or more). In other languages those names are absent, which is
/// how a reader of the features tells "none" from "not measured".
///
/// Time is linear in the text, memory constant.
public struct AnswerReader: Sendable {
    private var counter: SurfaceCounter

    /// A reader at the beginning of an answer.
    public init() { counter = SurfaceCounter(reader: WordReader(.english)) }

    /// Takes the next piece of the answer, in UTF-8 and however it is cut between scalars.
    public mutating func feed(_ text: Span<UInt8>) { counter.feed(text) }

    /// The features of what was fed so far, as if the answer ended here.
    ///
    /// - Parameter language: BCP 47 tag of the answer's language; where it is nil, English is told by
    ///   its function words (at least one word in five).
    /// - Returns: the features, of ``AnswerFeatures/version``.
    public func features(language: String? = nil) -> TextFeatures {
        var counter = counter
        counter.finish()
        var values = counter.values
        if let reader = counter.reader {
            let words = values["words"] ?? 0
            values.merge(Self.everyLanguage(reader, words: words)) { first, _ in first }
            if Self.isEnglish(reader, language: language) {
                values.merge(Self.english(reader)) { _, second in second }
            }
        }
        return TextFeatures(version: AnswerFeatures.version, values: values)
    }

    private static func isEnglish(_ reader: WordReader, language: String?) -> Bool {
        if let language {
            let lower = language.lowercased()
            return lower == "en" || lower.hasPrefix("en-")
        }
        return reader.count(.function) * 5 >= reader.spacedWords
    }

    private static func everyLanguage(_ reader: WordReader, words: Double) -> [String: Double] {
        var values = [
            "technical_tokens": Double(reader.technicalTokens),
            "inline_code": Double(reader.inlineCode),
            "first_sentence_words": Double(reader.firstSentenceWords),
            "opens_indirectly": reader.opensIndirectly ? 1 : 0,
        ]
        if Double(reader.spacedWords) * 2 >= words {
            values["long_words"] = Double(reader.longWords)
        }
        return values
    }

    private static func english(_ reader: WordReader) -> [String: Double] {
        [
            "hedges": Double(reader.count(.hedge)),
            "disclaimers": Double(reader.count(.disclaimer)),
            "formal_words": Double(reader.count(.formal)),
            "informal_words": Double(reader.count(.informal)),
            "contractions": Double(reader.contractions),
            "warm_words": Double(reader.count(.warm)),
            "example_markers": Double(reader.count(.example)),
            "very_long_words": Double(reader.veryLongWords),
        ]
    }
}

/// The features of a whole answer.
public enum AnswerFeatures {
    /// The version of the definitions that ``AnswerReader`` gives.
    public static let version = 2

    /// Measures a whole answer; see ``AnswerReader``.
    public static func measure(_ text: String, language: String? = nil) -> TextFeatures {
        var reader = AnswerReader()
        reader.feed(text.utf8Span.span)
        return reader.features(language: language)
    }
}
