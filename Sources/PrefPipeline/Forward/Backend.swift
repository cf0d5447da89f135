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
    public let models: [ModelPattern]
    /// prefd's own key for it.
    public let apiKey: String?
    /// Whether the client's own credentials go to it.
    public let forwardsAuthorization: Bool

    /// Makes a backend.
    public init(
        name: String,
        authority: String,
        basePath: String = "",
        families: Set<APIFamily>,
        models: [ModelPattern],
        apiKey: String? = nil,
        forwardsAuthorization: Bool = false
    ) {
        self.name = name
        self.authority = authority
        self.basePath = basePath
        self.families = families
        self.models = models
        self.apiKey = apiKey
        self.forwardsAuthorization = forwardsAuthorization
    }
}

/// A glob over model names: `*` for any run of characters, `?` for one.
public struct ModelPattern: Sendable, Equatable {
    private let pattern: [UInt8]

    /// Reads a glob; every text is one.
    public init(_ glob: String) { pattern = Array(glob.utf8) }

    /// Whether a model's name matches, in time linear in practice: one star is kept to go back to.
    public func matches(_ model: String) -> Bool {
        let name = Array(model.utf8)
        var (at, in_) = (0, 0)
        var star: (pattern: Int, name: Int)?
        while in_ < name.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                star = (at, in_)
                at += 1
            } else if at < pattern.count,
                pattern[at] == UInt8(ascii: "?") || pattern[at] == name[in_]
            {
                at += 1
                in_ += 1
            } else if let back = star {
                star = (back.pattern, back.name + 1)
                (at, in_) = (back.pattern + 1, back.name + 1)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
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
