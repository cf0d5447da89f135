import NIOHTTP1

/// Which headers cross prefd, and which end at it.
enum ForwardedHeaders {
    /// RFC 9110 section 7.6.1, and what prefd says anew for each side.
    private static let perConnection = FieldNames(
        "connection",
        "keep-alive",
        "proxy-connection",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "content-length",
        "host",
        "expect"
    )
    private static let credentials = FieldNames("authorization", "x-api-key", "api-key", "cookie")
    private static let connection = FieldNames("connection")
    /// What `Connection` mostly says, and names no field by.
    private static let common = FieldNames("keep-alive", "close")
    private static let requestCoding = FieldNames("accept-encoding")
    private static let answerCoding = FieldNames("content-encoding")

    /// The request's headers as the backend gets them.
    ///
    /// Compression is declined: a compressed answer could not be enforced while it streams.
    static func toBackend(_ headers: HTTPHeaders, _ backend: Backend, family: APIFamily)
        -> HTTPHeaders
    {
        let named = namedByConnection(headers)
        var kept = HTTPHeaders()
        kept.reserveCapacity(headers.count + 3)
        kept.add(name: "host", value: backend.authority)
        for (name, value) in headers {
            if ends(name, named) || requestCoding.contains(name) { continue }
            if !backend.forwardsAuthorization, credentials.contains(name) { continue }
            kept.add(name: name, value: value)
        }
        kept.add(name: "accept-encoding", value: "identity")
        if let key = backend.apiKey {
            kept.remove(name: "authorization")
            kept.remove(name: "x-api-key")
            if family == .anthropic {
                kept.add(name: "x-api-key", value: key)
            } else {
                kept.add(name: "authorization", value: "Bearer \(key)")
            }
        }
        return kept
    }

    /// The backend's headers as the client gets them.
    static func toClient(_ headers: HTTPHeaders) -> HTTPHeaders {
        let named = namedByConnection(headers)
        var kept = HTTPHeaders()
        kept.reserveCapacity(headers.count + 4)
        for (name, value) in headers {
            if ends(name, named) || answerCoding.contains(name) { continue }
            kept.add(name: name, value: value)
        }
        return kept
    }

    private static func ends(_ name: String, _ named: Set<String>) -> Bool {
        perConnection.contains(name) || name.isOwnField
            || !named.isEmpty && named.contains(name.lowercased())
    }

    private static func namedByConnection(_ headers: HTTPHeaders) -> Set<String> {
        var named: Set<String> = []
        for (name, value) in headers where connection.contains(name) && !common.contains(value) {
            for option in value.split(separator: ",") {
                named.insert(option.filter { $0 != " " && $0 != "\t" }.lowercased())
            }
        }
        return named
    }
}
