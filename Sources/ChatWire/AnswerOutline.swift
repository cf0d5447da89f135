/// What prefd must know of one answer or one event of a stream, as offsets into its raw bytes.
///
/// Made to be used again for the next event, so that reading one allocates nothing.
public struct AnswerOutline: Hashable, Sendable {
    /// What the bytes are.
    public enum Kind: Sendable {
        /// No payload: a comment, a ping, an empty event.
        case noData
        /// The dialect's own end of a stream.
        case done
        /// An answer, or a piece of one.
        case answer
    }

    /// What the bytes are.
    public internal(set) var kind = Kind.noData
    /// Every string that holds text of a model's, in the order they stand.
    public internal(set) var fields: [TextField] = []
    /// The choices, in the order they stand.
    public internal(set) var choices: [ChoiceOutline] = []
    /// Whether usage is in it.
    public internal(set) var hasUsage = false
    /// Whether it carries an error instead of, or beside, choices.
    ///
    /// The error's texts are fields.
    public internal(set) var hasError = false
    /// Whether an object that decides what text goes where has a key twice: readers disagree on such
    /// bytes, so they should not be let through.
    public internal(set) var isAmbiguous = false

    /// Whether the event has a line that no reader of such streams looks at.
    public internal(set) var hasUnknownLine = false

    /// Nothing read yet.
    public init() {}

    /// The choices that end here.
    public var endings: [ChoiceOutline] { choices.filter { $0.finishReason != nil } }

    mutating func reset() {
        kind = .noData
        fields.removeAll(keepingCapacity: true)
        choices.removeAll(keepingCapacity: true)
        hasUsage = false
        hasError = false
        isAmbiguous = false
        hasUnknownLine = false
    }

    /// Moves every offset.
    mutating func move(_ place: (Int) -> Int) {
        func range(_ range: Range<Int>) -> Range<Int> {
            place(range.lowerBound)..<place(range.upperBound)
        }
        for index in fields.indices {
            let string = fields[index].string
            fields[index].string = JSONStringRange(
                contents: range(string.contents),
                hasEscapes: string.hasEscapes
            )
        }
        for index in choices.indices {
            choices[index].element = range(choices[index].element)
            choices[index].finishReason = choices[index].finishReason.map(range)
            choices[index].logprobs = choices[index].logprobs.map(range)
        }
    }
}

/// One choice in an answer or event.
public struct ChoiceOutline: Hashable, Sendable {
    /// Its index; where the answer gives none, its position.
    public internal(set) var index: Int
    /// The whole choice with its braces.
    public internal(set) var element: Range<Int>
    /// The value of `finish_reason`, where it is not null: the choice ends here.
    public internal(set) var finishReason: Range<Int>?
    /// The value of `logprobs`, where it is not null: it spells the text out again.
    public internal(set) var logprobs: Range<Int>?
    /// Whether it is a piece of a stream (`delta`) rather than whole (`message`).
    public internal(set) var isDelta = false
}
