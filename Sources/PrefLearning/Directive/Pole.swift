public import PrefModel

/// One end of a dimension: the value that a taste in this direction asks for.
///
/// Values in the middle (`balanced`, `neutral`) need no learning: they are what is without a
/// preference. `language`, `units`, `accessibility` and `tone=playful` cannot be told from how answers
/// look, and are never learned.
public struct Pole: Hashable, Sendable {
    /// The dimension.
    public let dimension: DimensionID
    /// The value.
    public let value: String
    /// The value where the taste is strong, if the dimension has one further out.
    public let strongValue: String?
    /// The direction among the axes, one reference deviation long.
    public let direction: [Double]

    init(
        _ dimension: String,
        _ value: String,
        strong: String? = nil,
        _ parts: [(AnswerAxis, Double)]
    ) {
        self.dimension = DimensionID(rawValue: dimension)
        self.value = value
        strongValue = strong
        let length = parts.reduce(0) { $0 + $1.1 * $1.1 }.squareRoot()
        var direction = [Double](repeating: 0, count: AnswerAxis.count)
        for (axis, part) in parts { direction[axis.index] = part / length }
        self.direction = direction
    }

    /// Every pole that can be learned.
    ///
    /// ``AnswerAxis/disclaimers`` is in none: fewer disclaimers is not a matter of taste.
    public static let all: [Pole] = [
        Pole("verbosity", "concise", strong: "terse", [(.length, -1)]),
        Pole("verbosity", "detailed", strong: "exhaustive", [(.length, 1)]),
        Pole("reading-level", "simple", [(.difficulty, -1)]),
        Pole("reading-level", "advanced", [(.difficulty, 1)]),
        Pole("expertise", "novice", [(.technicality, -1)]),
        Pole("expertise", "advanced", strong: "expert", [(.technicality, 1)]),
        Pole(
            "format",
            "prose",
            [(.bullets, -1), (.steps, -0.5), (.tables, -0.5), (.headings, -0.5)]
        ),
        Pole("format", "bullets", [(.bullets, 1)]),
        Pole("format", "steps", [(.steps, 1)]),
        Pole("format", "tables", [(.tables, 1)]),
        Pole("directness", "answer-first", [(.directness, 1)]),
        Pole("directness", "reasoning-first", [(.directness, -1)]),
        Pole("code-style", "snippet-first", [(.code, 1)]),
        Pole("code-style", "explained", [(.code, -1)]),
        Pole("tone", "formal", [(.formality, 1)]),
        Pole("tone", "casual", [(.formality, -1)]),
        Pole("warmth", "warm", [(.warmth, 1)]),
        Pole("warmth", "matter-of-fact", [(.warmth, -1)]),
        Pole("hedging", "direct", [(.hedging, -1)]),
        Pole("hedging", "cautious", [(.hedging, 1)]),
        Pole("examples", "none", [(.examples, -1)]),
        Pole("examples", "many", [(.examples, 1)]),
        Pole("clarifying-questions", "rarely", [(.questions, -1)]),
        Pole("clarifying-questions", "often", [(.questions, 1)]),
        Pole("emoji", "none", [(.emoji, -1)]),
        Pole("emoji", "some", [(.emoji, 1)]),
    ]

    /// The axes that it lies along.
    public var axes: [AnswerAxis] { AnswerAxis.allCases.filter { direction[$0.index] != 0 } }
}
