public import PrefModel

/// One configured model server, as the pipeline needs to know it.
public struct Backend: Sendable, Equatable {
    /// The configured name, for errors and the journal.
    public let name: String
    /// The value of the `Host` header it is to see.
    public let authority: String
    /// The path in front of every target; empty for most.
    public let basePath: String
    /// The dialects it speaks.
    public let families: Set<APIFamily>
    /// Globs of the models it serves.
    public let models: [ModelGlob]
    /// prefd's own key for it.
    public let apiKey: String?
    /// Whether the client's own credentials go to it.
    public let forwardsAuthorization: Bool
    /// The name of the backend that stands in for it where nothing was sent yet.
    public let fallback: String?
    /// What stands before it.
    public let line: BackendLine

    /// Makes a backend.
    public init(
        name: String,
        authority: String,
        basePath: String = "",
        families: Set<APIFamily>,
        models: [ModelGlob],
        apiKey: String? = nil,
        forwardsAuthorization: Bool = false,
        fallback: String? = nil,
        line: BackendLine = BackendLine()
    ) {
        self.name = name
        self.authority = authority
        self.basePath = basePath
        self.families = families
        self.models = models
        self.apiKey = apiKey
        self.forwardsAuthorization = forwardsAuthorization
        self.fallback = fallback
        self.line = line
    }
}

/// Chooses the backend of a request.
struct Router: Sendable {
    let backends: [Backend]

    /// The first backend that speaks the dialect and serves the model; any that speaks the dialect
    /// where the request names no model.
    ///
    /// - Throws: ``Refusal/noBackend``.
    func backend(for family: APIFamily, model: String?) throws(Refusal) -> Backend {
        for backend in backends where backend.families.contains(family) {
            guard let model else { return backend }
            if backend.models.contains(where: { $0.matches(model) }) { return backend }
        }
        throw .noBackend
    }
}
