public import PrefModel

/// A rating: 1 to 5, or a thumb.
public enum RatingValue: Codable, Sendable, Hashable {
    /// A thumb up: counts as 5.
    case up
    /// A thumb down: counts as 1.
    case down
    /// From 1 (worst) to 5 (best).
    case stars(Double)

    /// The rating on 1…5.
    public var stars: Double {
        switch self {
        case .up: 5
        case .down: 1
        case .stars(let value): value
        }
    }

    /// Reads what people type: `up`, `down` or a number from 1 to 5.
    public init?(spelling: String) {
        switch spelling.lowercased() {
        case "up": self = .up
        case "down": self = .down
        default:
            guard let value = Double(spelling), (1...5).contains(value) else { return nil }
            self = .stars(value)
        }
    }

    /// Reads a number, or `"up"` or `"down"`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Double.self), (1...5).contains(value) {
            self = .stars(value)
            return
        }
        switch try container.decode(String.self) {
        case "up": self = .up
        case "down": self = .down
        default:
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "a rating is 1 to 5, up or down"
            )
        }
    }

    /// Writes a number, or `"up"` or `"down"`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .up: try container.encode("up")
        case .down: try container.encode("down")
        case .stars(let value): try container.encode(value)
        }
    }
}

/// Body of `POST /prefd/v1/signals`.
///
/// Which fields a kind takes is checked by the service:
/// - `rating`: `value`, and `answer` where the text is at hand.
/// - `choice`: `chosen` and at least one `rejected`.
/// - `edit`: `before` and `after`.
/// - `regenerate`, `copy`, `abandon`: `answer` where the text is at hand.
/// - `followup`: `text`, what the user wrote back, and `answer` where it is at hand.
public struct SignalReport: Codable, Sendable, Hashable {
    /// The request it speaks of, where there is one.
    public var requestID: String?
    /// What kind of observation.
    public var kind: SignalKind
    /// A rating's value.
    public var value: RatingValue?
    /// The answer that was chosen.
    public var chosen: String?
    /// The answers that were not.
    public var rejected: [String]?
    /// The answer before it was edited.
    public var before: String?
    /// The answer as edited.
    public var after: String?
    /// The answer it speaks of.
    public var answer: String?
    /// What the user wrote back.
    public var text: String?
    /// The circumstances, where no request id gives them.
    public var context: PreferenceContext?

    /// Makes a report; set the fields that its kind takes.
    public init(kind: SignalKind, requestID: String? = nil, value: RatingValue? = nil) {
        self.kind = kind
        self.requestID = requestID
        self.value = value
    }

    private enum CodingKeys: String, CodingKey {
        case kind, value, chosen, rejected, before, after, answer, text, context
        case requestID = "request_id"
    }
}

/// Answer of `POST /prefd/v1/signals`.
public struct SignalReceipt: Codable, Sendable, Hashable {
    /// The signal's own id.
    public let id: String
    /// What kind of observation.
    public let kind: SignalKind
    /// The consent under which it was kept.
    public let scope: ConsentScope
    /// Whether excerpts of the texts were kept too, which only the `content` scope allows.
    public let excerptsKept: Bool

    /// Makes an answer.
    public init(id: String, kind: SignalKind, scope: ConsentScope, excerptsKept: Bool) {
        self.id = id
        self.kind = kind
        self.scope = scope
        self.excerptsKept = excerptsKept
    }

    private enum CodingKeys: String, CodingKey {
        case id, kind, scope
        case excerptsKept = "excerpts_kept"
    }
}
