import NIOHTTP1
import Testing
import UnixHTTP

/// Texts that become values, without a socket.
struct EndpointTests {
    @Test(
        "URLs of the three kinds are read",
        arguments: [
            ("http://127.0.0.1:8080", Endpoint.http(host: "127.0.0.1", port: 8080)),
            ("http://localhost", .http(host: "localhost", port: 80)),
            ("HTTPS://api.example.org/", .https(host: "api.example.org", port: 443)),
            ("https://[::1]:8443", .https(host: "::1", port: 8443)),
            ("unix:///run/model.sock", .unix(path: "/run/model.sock")),
        ]
    )
    func reads(url: String, endpoint: Endpoint) throws {
        #expect(try Endpoint(url: url) == endpoint)
        #expect(try Endpoint(url: endpoint.description) == endpoint)
    }

    @Test("a base path is kept apart")
    func basePath() throws {
        let (endpoint, path) = try Endpoint.parse(url: "https://h.example/openai/v1/")
        #expect(endpoint == .https(host: "h.example", port: 443))
        #expect(path == "/openai/v1")
        #expect(throws: EndpointError.hasPath) { try Endpoint(url: "https://h.example/openai") }
    }

    @Test(
        "other texts are refused, each for its own reason",
        arguments: [
            ("127.0.0.1:8080", EndpointError.unknownScheme), ("ftp://x", .unknownScheme),
            ("", .unknownScheme), ("http://", .invalidHost), ("http://a b", .invalidHost),
            ("http://[::1", .invalidHost), ("http://[::1]x", .invalidHost),
            ("http://é", .invalidHost),
            ("http://h:0", .invalidPort), ("http://h:65536", .invalidPort),
            ("http://h:", .invalidPort),
            ("http://h:+80", .invalidPort), ("http://u:p@h", .hasCredentials),
            ("http://h?q", .hasQuery),
            ("unix://run/x", .relativeSocketPath),
            ("unix:///" + String(repeating: "x", count: 107), .socketPathTooLong),
        ]
    )
    func refuses(url: String, error: EndpointError) {
        #expect(throws: error) { try Endpoint(url: url) }
    }

    @Test("a target splits into path and query, whatever its form")
    func targets() {
        let cases: [(String, String, String?)] = [
            ("/a/b", "/a/b", nil), ("/a?b=c?d", "/a", "b=c?d"), ("/a?", "/a", ""),
            ("http://h/a?b", "/a", "b"), ("http://h", "/", nil), ("http://h?b", "/", "b"),
            ("*", "*", nil),
        ]
        for (target, path, query) in cases {
            let head = RequestHead(method: .GET, target: target)
            #expect(head.path == path)
            #expect(head.query == query)
        }
    }

    @Test("query parameters are decoded, and left as they are where they cannot be")
    func queryParameters() {
        let head = RequestHead(method: .GET, target: "/?a=b%20c&d&e=f+g&h=%zz&i=%ff&=j&k=l=m&n=%+1")
        let parameters = head.queryParameters.map { "\($0.name)|\($0.value)" }
        #expect(
            parameters == ["a|b c", "d|", "e|f g", "h|%zz", "i|%ff", "|j", "k|l=m", "n|%+1"]
        )
    }

    @Test("the fields of one hop are removed, and with them what Connection names")
    func connectionFields() {
        var headers: HTTPHeaders = [
            "Connection": "x-private, Keep-Alive", "X-Private": "1", "Keep-Alive": "5",
            "TE": "trailers",
            "Transfer-Encoding": "chunked", "Upgrade": "h2c", "Authorization": "kept",
            "X-Other": "kept",
        ]
        headers.removeConnectionFields()
        #expect(headers.map(\.name).sorted() == ["Authorization", "X-Other"])
    }
}
