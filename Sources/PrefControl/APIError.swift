public import PrefModel

/// An error of prefd's own API, as it goes over the socket inside `{"error": …}`.
///
/// `code` is for programs and never changes; `message` says what was wrong and `hint` what to do.
/// None of them repeats a preference, a text or an id that was sent.
public struct APIError: Error, Codable, Sendable, Hashable {
    /// The stable name of what went wrong, such as `tier_universal`.
    public let code: String
    /// What was wrong, in words.
    public let message: String
    /// What to do about it.
    public let hint: String
    /// With `consent_required`: the scope that is missing.
    public let scope: ConsentScope?
    /// With `bad_value`: the values that would be accepted.
    public let allowed: [String]?

    /// Makes an error.
    public init(
        code: String,
        message: String,
        hint: String,
        scope: ConsentScope? = nil,
        allowed: [String]? = nil
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.scope = scope
        self.allowed = allowed
    }
}

/// What surrounds an ``APIError`` on the wire: `{"error": {"code", "message", "hint"}}`.
public struct APIErrorEnvelope: Codable, Sendable, Hashable {
    /// The error.
    public let error: APIError

    /// Wraps an error.
    public init(error: APIError) { self.error = error }
}
