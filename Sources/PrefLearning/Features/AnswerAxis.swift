public import PrefModel

/// An axis that answers differ on and users may have a taste in.
///
/// Each is a transform of ``AnswerReader``'s counts, standardized against the reference distribution
/// (`Data/reference.json`), and informs one dimension of the vocabulary. The raw value of each case is
/// the name under which the learner's state keeps it.
public enum AnswerAxis: String, CaseIterable, Codable, Sendable, Hashable {
    /// ln(1 + words).
    case length
    /// ln(1 + bullet lines).
    case bullets
    /// ln(1 + numbered items).
    case steps
    /// ln(1 + table rows).
    case tables
    /// ln(1 + headings).
    case headings
    /// ln(1 + lines of fenced code).
    case code
    /// 0 where the first sentence only leads up to the answer, else 1, falling with its length
    /// beyond 25 words.
    case directness
    /// Square root of hedges per 100 words.
    case hedging
    /// ln(1 + disclaimers). Measured so that a taste for fewer hedges is not read out of missing
    /// safety information; no directive is ever made of it.
    case disclaimers
    /// Signed square root of formal minus informal words and contractions per 100 words.
    case formality
    /// Square root of warm words and exclamations per 100 words.
    case warmth
    /// Square root of technical tokens, inline code and (in English) very long words per 100 words.
    case technicality
    /// LIX: mean sentence length plus the percentage of words of more than six letters (Björnsson,
    /// 1968).
    case difficulty
    /// Square root of example markers per 100 words.
    case examples
    /// ln(1 + questions).
    case questions
    /// ln(1 + emoji).
    case emoji

    /// The axis' place in a vector.
    public var index: Int {
        switch self {
        case .length: 0
        case .bullets: 1
        case .steps: 2
        case .tables: 3
        case .headings: 4
        case .code: 5
        case .directness: 6
        case .hedging: 7
        case .disclaimers: 8
        case .formality: 9
        case .warmth: 10
        case .technicality: 11
        case .difficulty: 12
        case .examples: 13
        case .questions: 14
        case .emoji: 15
        }
    }

    /// The dimension of the vocabulary that it informs.
    public var dimension: DimensionID {
        let name =
            switch self {
            case .length: "verbosity"
            case .bullets, .steps, .tables, .headings: "format"
            case .code: "code-style"
            case .directness: "directness"
            case .hedging, .disclaimers: "hedging"
            case .formality: "tone"
            case .warmth: "warmth"
            case .technicality: "expertise"
            case .difficulty: "reading-level"
            case .examples: "examples"
            case .questions: "clarifying-questions"
            case .emoji: "emoji"
            }
        return DimensionID(rawValue: name)
    }

    /// How many axes there are.
    public static let count = allCases.count

    /// The axis' value before it is standardized, or nil where the features do not have what it needs.
    func transformed(_ raw: [String: Double]) -> Double? {
        switch self {
        case .length: Self.log1p(raw["words"])
        case .bullets: Self.log1p(raw["bullets"])
        case .steps: Self.log1p(raw["numbered_items"])
        case .tables: Self.log1p(raw["table_rows"])
        case .headings: Self.log1p(raw["headings"])
        case .code: Self.log1p(raw["code_lines"])
        case .questions: Self.log1p(raw["questions"])
        case .emoji: Self.log1p(raw["emoji"])
        case .disclaimers: Self.log1p(raw["disclaimers"])
        case .directness: Self.directness(raw)
        case .hedging: Self.rate(raw["hedges"], raw)
        case .examples: Self.rate(raw["example_markers"], raw)
        case .warmth:
            Self.sum(raw["warm_words"], raw["exclamations"]).flatMap { Self.rate($0, raw) }
        case .formality: Self.formality(raw)
        case .technicality: Self.technicality(raw)
        case .difficulty: Self.lix(raw)
        }
    }

    private static func log1p(_ count: Double?) -> Double? {
        count.map { Numeric.log1p(max(0, $0)) }
    }

    private static func sum(_ first: Double?, _ second: Double?) -> Double? {
        guard let first, let second else { return nil }
        return first + second
    }

    /// Twenty words are added to the text, so that one word in a short answer is no rate of its own.
    private static func rate(_ count: Double?, _ raw: [String: Double]) -> Double? {
        guard let count, let words = raw["words"] else { return nil }
        let perHundred = 100 * count / (words + 20)
        return perHundred < 0 ? -(-perHundred).squareRoot() : perHundred.squareRoot()
    }

    private static func directness(_ raw: [String: Double]) -> Double? {
        guard let indirect = raw["opens_indirectly"], let words = raw["first_sentence_words"],
            words > 0
        else { return nil }
        return indirect > 0 ? 0 : min(1, 25 / words)
    }

    private static func formality(_ raw: [String: Double]) -> Double? {
        guard let formal = raw["formal_words"], let informal = raw["informal_words"],
            let contractions = raw["contractions"]
        else { return nil }
        return rate(formal - informal - contractions, raw)
    }

    private static func technicality(_ raw: [String: Double]) -> Double? {
        guard let tokens = raw["technical_tokens"], let code = raw["inline_code"] else {
            return nil
        }
        return rate(tokens + code + (raw["very_long_words"] ?? 0), raw)
    }

    private static func lix(_ raw: [String: Double]) -> Double? {
        guard let long = raw["long_words"], let words = raw["words"], words > 0,
            let sentences = raw["sentences"], sentences > 0
        else { return nil }
        return words / sentences + 100 * long / words
    }
}
