public import PrefModel

/// The state of one consent scope for one principal.
public struct ConsentState: Codable, Sendable, Hashable {
    /// What for.
    public let scope: ConsentScope
    /// What for, in words.
    public let purpose: String
    /// Whether it is granted now.
    public let granted: Bool
    /// The latest record, or nil where the user was never asked.
    public let record: ConsentRecord?

    /// Makes a state.
    public init(scope: ConsentScope, record: ConsentRecord?) {
        self.scope = scope
        purpose = scope.purpose
        granted = record.map { $0.withdrawnAt == nil } ?? false
        self.record = record
    }
}

/// Answer of `GET /prefd/v1/consent`: every standard scope, then the `share:` scopes in use.
public struct ConsentList: Codable, Sendable, Hashable {
    /// The states.
    public let consents: [ConsentState]

    /// Makes a list.
    public init(consents: [ConsentState]) { self.consents = consents }
}

/// Body of `PUT /prefd/v1/consent/{scope}`.
public struct ConsentDecision: Codable, Sendable, Hashable {
    /// True grants, false withdraws.
    public let granted: Bool
    /// How long what the scope gathers is kept, such as `90d`; left out is the configured default.
    public let retention: String?

    /// Makes a body.
    public init(granted: Bool, retention: String? = nil) {
        self.granted = granted
        self.retention = retention
    }
}

/// Answer of `PUT` and `DELETE /prefd/v1/consent/{scope}`.
public struct ConsentChange: Codable, Sendable, Hashable {
    /// What for.
    public let scope: ConsentScope
    /// Whether it is granted now.
    public let granted: Bool
    /// The record of the change; nil only where there was nothing to withdraw.
    public let receipt: ConsentRecord?

    /// Makes an answer.
    public init(scope: ConsentScope, granted: Bool, receipt: ConsentRecord?) {
        self.scope = scope
        self.granted = granted
        self.receipt = receipt
    }
}

/// One decision in a bulk `PUT`.
public struct ScopedConsentDecision: Codable, Sendable, Hashable {
    /// The scope's name, as the user gave it.
    public let scope: String
    /// True grants, false withdraws.
    public let granted: Bool
    /// How long what the scope gathers is kept, such as `90d`.
    public let retention: String?

    /// Makes an entry.
    public init(scope: String, granted: Bool, retention: String? = nil) {
        self.scope = scope
        self.granted = granted
        self.retention = retention
    }
}

/// Body of `PUT /prefd/v1/consent`.
public struct ConsentDecisions: Codable, Sendable, Hashable {
    /// What was decided.
    public let consents: [ScopedConsentDecision]

    /// Makes a body.
    public init(consents: [ScopedConsentDecision]) { self.consents = consents }
}

/// Answer of `PUT` and `DELETE /prefd/v1/consent`: one entry for each scope that was decided on.
public struct ConsentChanges: Codable, Sendable, Hashable {
    /// The changes.
    public let consents: [ConsentChange]

    /// Makes an answer.
    public init(consents: [ConsentChange]) { self.consents = consents }
}
