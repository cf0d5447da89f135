public import NIOCore
public import NIOHTTP1

/// One request of a local app, whole and valid as HTTP, before prefd has looked at its body.
public struct IncomingRequest: Sendable {
    /// The method, in upper case.
    public let method: String
    /// The path without its query.
    public let path: String
    /// Path and query as the client sent them.
    public let target: String
    /// The headers as the client sent them.
    public let headers: HTTPHeaders
    /// The body, whole.
    public let body: ByteBuffer

    /// Makes a request.
    public init(
        method: String,
        path: String,
        target: String,
        headers: HTTPHeaders,
        body: ByteBuffer
    ) {
        self.method = method
        self.path = path
        self.target = target
        self.headers = headers
        self.body = body
    }
}

extension HTTPHeaders {
    /// The value of a header of prefd's own; nil where it is absent or empty.
    ///
    /// - Throws: ``Refusal/badHeader(name:allowed:)`` where it is given twice: readers disagree on which
    ///   one counts.
    func single(_ name: String) throws(Refusal) -> String? {
        var found: String?
        for field in self where field.name.isSameField(as: name) {
            guard found == nil else { throw .badHeader(name: name, allowed: "one value") }
            found = field.value
        }
        return found == "" ? nil : found
    }
}
