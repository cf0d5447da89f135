/// What one call, and one principal, may ask of the API.
public struct APILimits: Sendable {
    /// The longest body, in bytes.
    public let bodyBytes: Int
    /// How many calls of one principal may be in flight.
    public let callsPerPrincipal: Int
    /// The longest text of a signal, in bytes of UTF-8.
    public let signalTextBytes: Int
    /// The longest excerpt that is kept of a text, in characters.
    public let excerptCharacters: Int
    /// How long signals are kept where the consent says nothing, in seconds.
    public let signalRetentionSeconds: Int64
    /// How long excerpts are kept where the consent says nothing, in seconds.
    public let contentRetentionSeconds: Int64

    /// Makes limits; the defaults are those of the shipped configuration.
    public init(
        bodyBytes: Int = 1 << 20,
        callsPerPrincipal: Int = 64,
        signalTextBytes: Int = 256 << 10,
        excerptCharacters: Int = 2_000,
        signalRetentionSeconds: Int64 = 365 * 86_400,
        contentRetentionSeconds: Int64 = 30 * 86_400
    ) {
        self.bodyBytes = bodyBytes
        self.callsPerPrincipal = callsPerPrincipal
        self.signalTextBytes = signalTextBytes
        self.excerptCharacters = excerptCharacters
        self.signalRetentionSeconds = signalRetentionSeconds
        self.contentRetentionSeconds = contentRetentionSeconds
    }
}
