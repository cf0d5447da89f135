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

    /// What was counted so far, as if the answer ended here.
    ///
    /// - Parameter language: BCP 47 tag of the answer's language; where it is nil, English is told by
    ///   its function words (at least one word in five).
    /// - Returns: the counts that the features are made of.
    public func counts(language: String? = nil) -> AnswerCounts {
        var counter = counter
        counter.finish()
        return AnswerCounts(
            surface: counter.counts,
            words: counter.reader.map { WordCounts($0, language: language) }
        )
    }
}

/// The features of a whole answer.
public enum AnswerFeatures {
    /// The version of the definitions that ``AnswerReader`` gives.
    public static let version = 2

    /// Counts a whole answer; see ``AnswerReader``.
    public static func count(_ text: String, language: String? = nil) -> AnswerCounts {
        var reader = AnswerReader()
        reader.feed(text.utf8Span.span)
        return reader.counts(language: language)
    }

    /// Measures a whole answer; see ``AnswerReader``.
    public static func measure(_ text: String, language: String? = nil) -> TextFeatures {
        count(text, language: language).features
    }
}
