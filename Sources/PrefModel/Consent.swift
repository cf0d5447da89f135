public import FoundationEssentials

/// One purpose that a user consents to.
///
/// Without it, nothing for that purpose is written.
public enum ConsentScope: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Keep the preferences that the user sets.
    case preferences
    /// Keep ratings, choices and edits that the user or app reports.
    case signalsExplicit
    /// Notice regenerations and follow-ups.
    case signalsImplicit
    /// Keep excerpts of text with a signal.
    case content
    /// Now and then leave learned directives out, to learn whether each helps.
    case experiments
    /// Now and then compare with the answer without preferences.
    case audit
    /// Count in anonymous aggregates and in the starting point for new users.
    case population
    /// Let an app's signals and preferences count in other apps.
    case share(app: String)

    /// The scopes that every user has; `share:APP` comes on top, one an app.
    public static let standard: [ConsentScope] = [
        .preferences, .signalsExplicit, .signalsImplicit, .content, .experiments, .audit,
        .population,
    ]

    /// The scope of a name as the contract spells it, or nil.
    public init?(name: String) {
        if let scope = Self.standard.first(where: { $0.description == name }) {
            self = scope
        } else if name.hasPrefix("share:"), name.utf8.count > 6, name.utf8.count <= 134 {
            self = .share(app: String(name.dropFirst(6)))
        } else {
            return nil
        }
    }

    /// The name as the contract spells it.
    public var description: String {
        switch self {
        case .preferences: "preferences"
        case .signalsExplicit: "signals.explicit"
        case .signalsImplicit: "signals.implicit"
        case .content: "content"
        case .experiments: "experiments"
        case .audit: "audit"
        case .population: "population"
        case .share(let app): "share:\(app)"
        }
    }

    /// The purpose in words, as the consent record keeps it.
    public var purpose: String {
        switch self {
        case .preferences: "Keep the preferences that you set, to write them into your prompts."
        case .signalsExplicit:
            "Keep ratings, choices and edits that you or your app report, to learn from them."
        case .signalsImplicit:
            "Notice regenerations and follow-ups such as \"shorter, please\", to learn from them."
        case .content: "Keep excerpts of text with a signal, for a limited time."
        case .experiments:
            "Now and then leave out directives that were learned, each by a coin of its own, to learn "
                + "whether it helps you."
        case .audit:
            "Now and then compare an answer with the one you would get without preferences. prefd does "
                + "not do this yet: granting it changes nothing."
        case .population: "Count in anonymous aggregates and in the starting point for new users."
        case .share(let app):
            "Let what signals from the app \(app) teach, and preferences set for it, count in your "
                + "other apps too."
        }
    }

    /// Reads a name.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let scope = ConsentScope(name: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "not a consent scope"
            )
        }
        self = scope
    }

    /// Writes the name.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// How a consent was given.
public enum ConsentMethod: String, Codable, Sendable {
    /// Through prefd's API.
    case api
    /// Through `prefctl`.
    case prefctl
    /// By setting a preference, which grants `preferences` in the same act.
    case bySetting = "by-setting"
}

/// One consent: given, and perhaps withdrawn.
///
/// Also the receipt that every change answers with.
///
/// Source: ISO/IEC TS 27560:2023, the fields of a consent record.
public struct ConsentRecord: Codable, Sendable, Hashable {
    /// The record's own random id.
    public let id: String
    /// Whose consent it is, as the principal is spelled.
    public let principal: String
    /// What for.
    public let scope: ConsentScope
    /// What for, in words.
    public let purpose: String
    /// Version of the notice that the purpose comes from.
    public let noticeVersion: String
    /// When it was given.
    public let givenAt: Date
    /// How it was given.
    public let method: ConsentMethod
    /// How long what it gathers is kept, in seconds; nil for as long as the consent stands.
    public let retentionSeconds: Int64?
    /// When it was withdrawn, or nil while it stands.
    public var withdrawnAt: Date?

    /// The version of the notice that `ConsentScope.purpose` spells.
    public static let currentNotice = "2026-11-26"

    /// Makes a record of the current notice.
    public init(
        id: String,
        principal: String,
        scope: ConsentScope,
        givenAt: Date,
        method: ConsentMethod,
        retentionSeconds: Int64?,
        withdrawnAt: Date? = nil
    ) {
        self.id = id
        self.principal = principal
        self.scope = scope
        purpose = scope.purpose
        noticeVersion = Self.currentNotice
        self.givenAt = givenAt
        self.method = method
        self.retentionSeconds = retentionSeconds
        self.withdrawnAt = withdrawnAt
    }

    private enum CodingKeys: String, CodingKey {
        case id, principal, scope, purpose, method
        case noticeVersion = "notice_version"
        case givenAt = "given_at"
        case retention
        case withdrawnAt = "withdrawn_at"
    }

    private enum EarlierKeys: String, CodingKey {
        case retentionSeconds = "retention_seconds"
    }

    /// Reads a record; also one of those that were kept with a `retention_seconds`.
    ///
    /// - Throws: `DecodingError`.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        id = try values.decode(String.self, forKey: .id)
        principal = try values.decode(String.self, forKey: .principal)
        scope = try values.decode(ConsentScope.self, forKey: .scope)
        purpose = try values.decode(String.self, forKey: .purpose)
        noticeVersion = try values.decode(String.self, forKey: .noticeVersion)
        givenAt = try values.decode(Date.self, forKey: .givenAt)
        method = try values.decode(ConsentMethod.self, forKey: .method)
        withdrawnAt = try values.decodeIfPresent(Date.self, forKey: .withdrawnAt)
        if let text = try values.decodeIfPresent(String.self, forKey: .retention) {
            guard let seconds = Retention.seconds(text) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .retention,
                    in: values,
                    debugDescription: "not a retention"
                )
            }
            retentionSeconds = seconds
        } else {
            retentionSeconds = try decoder.container(keyedBy: EarlierKeys.self)
                .decodeIfPresent(Int64.self, forKey: .retentionSeconds)
        }
    }

    /// Writes the record, its retention as it is spelled in a grant: `90d`.
    ///
    /// - Throws: `EncodingError`.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(id, forKey: .id)
        try values.encode(principal, forKey: .principal)
        try values.encode(scope, forKey: .scope)
        try values.encode(purpose, forKey: .purpose)
        try values.encode(noticeVersion, forKey: .noticeVersion)
        try values.encode(givenAt, forKey: .givenAt)
        try values.encode(method, forKey: .method)
        try values.encodeIfPresent(
            retentionSeconds.map(Retention.spelling(seconds:)),
            forKey: .retention
        )
        try values.encodeIfPresent(withdrawnAt, forKey: .withdrawnAt)
    }
}
