import NIOHTTP1

/// Which headers cross prefd, and which end at it.
enum ForwardedHeaders {
    /// RFC 9110 section 7.6.1, and what prefd says anew for each side.
    private static let perConnection: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization",
        "te", "trailer", "transfer-encoding", "upgrade", "content-length", "host", "expect",
    ]
    private static let credentials: Set<String> = [
        "authorization", "x-api-key", "api-key", "cookie",
    ]

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
            let lower = name.lowercased()
            if perConnection.contains(lower) || named.contains(lower) || lower == "accept-encoding"
            {
                continue
            }
            if lower.hasPrefix("x-prefd-") { continue }
            if credentials.contains(lower) && !backend.forwardsAuthorization { continue }
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
            let lower = name.lowercased()
            if perConnection.contains(lower) || named.contains(lower) || lower.hasPrefix("x-prefd-")
            {
                continue
            }
            if lower == "content-encoding" { continue }
            kept.add(name: name, value: value)
        }
        return kept
    }

    private static func namedByConnection(_ headers: HTTPHeaders) -> Set<String> {
        guard headers.contains(name: "connection") else { return [] }
        return Set(headers[canonicalForm: "connection"].map { $0.lowercased() })
    }
}
