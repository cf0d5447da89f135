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
    /// The texts that had ended before this event, and are not continued by the fields in it.
    public internal(set) var ended: [TextScope] = []
    /// Strings that would reveal a text that has been changed, or that vouch for one: they go where
    /// the text they belong to was changed.
    public internal(set) var witnesses: [Witness] = []
    /// What takes prefd's own words out where the answer gives the prompt back.
    public internal(set) var echoes: [Splice] = []
    /// The event's place in its stream, where it has one (Responses).
    public internal(set) var sequenceNumber: SequenceNumber?
    /// The response's id, by which a later request may carry it on (Responses).
    public internal(set) var responseID: JSONStringRange?
    /// The tokens with which a later request may carry the answer on (Ollama).
    public internal(set) var context: TokenList?
    /// The members that say how a response ended (Responses).
    var response: ResponseMarks?
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

    /// Whether what comes before and behind depends on it: a piece of a text, or the end of one.
    var goesOnOrEnds: Bool {
        kind == .done || !endings.isEmpty || !ended.isEmpty
            || fields.contains { $0.continues && !$0.content.isEmpty }
    }

    /// The choices that end here.
    public var endings: [ChoiceOutline] { choices.filter { $0.finishReason != nil } }

    mutating func reset() {
        kind = .noData
        fields.removeAll(keepingCapacity: true)
        choices.removeAll(keepingCapacity: true)
        ended.removeAll(keepingCapacity: true)
        witnesses.removeAll(keepingCapacity: true)
        echoes.removeAll(keepingCapacity: true)
        sequenceNumber = nil
        responseID = nil
        context = nil
        response = nil
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
            choices[index].content = choices[index].content.map(range)
        }
        for index in witnesses.indices {
            witnesses[index].value = range(witnesses[index].value)
        }
        for index in echoes.indices { echoes[index].range = range(echoes[index].range) }
        if let number = sequenceNumber {
            sequenceNumber = SequenceNumber(value: number.value, range: range(number.range))
        }
        responseID = responseID.map {
            JSONStringRange(contents: range($0.contents), hasEscapes: $0.hasEscapes)
        }
        if let tokens = context { context?.range = range(tokens.range) }
        response?.move(range)
    }
}

/// The number that an event has in its stream.
public struct SequenceNumber: Hashable, Sendable {
    /// The number.
    let value: Int
    /// Where it stands.
    let range: Range<Int>

    /// The change that makes room for events that were put in before.
    public func moved(by count: Int) -> Splice {
        Splice(range, Array(String(value &+ count).utf8))
    }
}

/// Where a response says how it ended.
struct ResponseMarks: Hashable, Sendable {
    /// The response with its braces.
    var object: Range<Int>
    /// The value of `status`.
    var status: Range<Int>?
    /// The value of `incomplete_details`.
    var incompleteDetails: Range<Int>?
    /// `output_text`, which some servers add: all texts in one.
    var outputText: JSONStringRange?

    mutating func move(_ range: (Range<Int>) -> Range<Int>) {
        object = range(object)
        status = status.map(range)
        incompleteDetails = incompleteDetails.map(range)
        outputText = outputText.map {
            JSONStringRange(contents: range($0.contents), hasEscapes: $0.hasEscapes)
        }
    }
}

/// A value that tells of a text without being it: its log probabilities, its tokens, its signature.
public struct Witness: Hashable, Sendable {
    /// The texts it tells of.
    public enum Subject: Hashable, Sendable {
        /// All of a choice's.
        case choice(Int)
        /// Those of one item or part.
        case scope(TextScope)
    }

    /// What can stand in its place.
    enum Substitute { case null, emptyArray, emptyString }

    /// The texts it tells of.
    public internal(set) var subject: Subject
    /// The value, as a range of the raw bytes.
    public internal(set) var value: Range<Int>
    /// What stands there once one of the texts has been changed.
    let substitute: Substitute

    /// The change that takes the value away.
    public var removal: Splice {
        let text =
            switch substitute {
            case .null: "null"
            case .emptyArray: "[]"
            case .emptyString: "\"\""
            }
        return Splice(value, Array(text.utf8))
    }

    /// Whether it tells of a channel's text.
    public func tells(of channel: ChannelID) -> Bool {
        switch subject {
        case .choice(let choice): choice == channel.choice
        case .scope(let scope): scope.contains(channel)
        }
    }
}

/// One choice in an answer or event.
public struct ChoiceOutline: Hashable, Sendable {
    /// Its index; where the answer gives none, its position.
    public internal(set) var index: Int
    /// The whole choice with its braces; where a dialect has but one choice, what holds its text.
    public internal(set) var element: Range<Int>
    /// What can be replaced by text in a whole answer that has none: an empty `content`.
    var content: Range<Int>?
    /// The value of `finish_reason`, where it is not null: the choice ends here.
    public internal(set) var finishReason: Range<Int>?
    /// Whether it is a piece of a stream (`delta`) rather than whole (`message`).
    public internal(set) var isDelta = false
}
