/// One request to prefd, as the transport sends it.
public struct ControlRequest: Sendable {
    /// The HTTP method.
    public let method: String
    /// Path and query.
    public let target: String
    /// Header fields besides `Host`, `User-Agent` and those that frame the body.
    public let headers: [(name: String, value: String)]
    /// The body, or nil for a request without one.
    public let body: [UInt8]?
    /// How long the answer may take to begin, where that is longer than usual.
    public var patience: Duration?

    /// Makes a request.
    public init(
        method: String,
        target: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }
}

/// prefd's answer, whole.
public struct ControlResponse: Sendable {
    /// The HTTP status.
    public let status: Int
    /// The header fields in order.
    public let headers: [(name: String, value: String)]
    /// The body.
    public let body: [UInt8]

    /// Makes an answer.
    public init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first value of a header field, whatever the case of its name.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// Carries one request to prefd and its answer back.
public protocol ControlExchange: Sendable {
    /// Sends a request and waits for the whole answer.
    func send(_ request: ControlRequest) async throws(ControlFailure) -> ControlResponse
    /// Where it sends to, for messages.
    var socket: String { get }
}
