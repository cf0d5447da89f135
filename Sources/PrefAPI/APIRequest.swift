public import PrefModel

/// One call of prefd's own API, after its peer was identified.
public struct APIRequest: Sendable {
    /// The HTTP method, in capitals; never `HEAD`, which is a `GET` here.
    public let method: String
    /// The request target in origin form: path and query as they stood on the request line.
    public let target: String
    /// The header fields in order.
    public let headers: [(name: String, value: String)]
    /// The whole body.
    public let body: [UInt8]
    /// Whose data the call is about, as the kernel or a trusted app said.
    public let principal: Principal
    /// The connecting app's name.
    public let app: String
    /// Whether the peer may use the admin socket.
    public let isAdmin: Bool

    /// Makes a call.
    public init(
        method: String,
        target: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = [],
        principal: Principal,
        app: String,
        isAdmin: Bool = false
    ) {
        // A HEAD is a GET whose body is left out as it is written (RFC 9110 section 9.3.2).
        self.method = method == "HEAD" ? "GET" : method
        self.target = target
        self.headers = headers
        self.body = body
        self.principal = principal
        self.app = app
        self.isAdmin = isAdmin
    }

    /// The first value of a header field, whatever the case of its name.
    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// How a consent that this call gives was given.
    var consentMethod: ConsentMethod {
        header("user-agent")?.hasPrefix("prefctl/") == true ? .prefctl : .api
    }
}
