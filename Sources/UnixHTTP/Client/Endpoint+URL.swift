extension Endpoint {
    /// Reads `http://host[:port]`, `https://host[:port]` or `unix:///path`.
    ///
    /// - Throws: ``EndpointError``, also for a path behind the host: see ``parse(url:)``.
    public init(url: String) throws(EndpointError) {
        let (endpoint, basePath) = try Endpoint.parse(url: url)
        guard basePath.isEmpty else { throw .hasPath }
        self = endpoint
    }

    /// Reads a URL that may have a path, which is to go before every request's own.
    ///
    /// The base path is empty, or begins with `/` and does not end with one. A Unix socket's URL
    /// has none: its path is the socket's.
    ///
    /// - Throws: ``EndpointError``.
    public static func parse(
        url: String
    ) throws(EndpointError) -> (endpoint: Endpoint, basePath: String) {
        guard let mark = url.firstRange(of: "://") else { throw .unknownScheme }
        let rest = url[mark.upperBound...]
        switch url[..<mark.lowerBound].lowercased() {
        case "unix": return (try socket(at: rest), "")
        case "http": return try network(rest, defaultPort: 80) { .http(host: $0, port: $1) }
        case "https": return try network(rest, defaultPort: 443) { .https(host: $0, port: $1) }
        default: throw .unknownScheme
        }
    }

    private static func socket(at path: Substring) throws(EndpointError) -> Endpoint {
        guard path.hasPrefix("/") else { throw .relativeSocketPath }
        guard path.utf8.count <= 107 else { throw .socketPathTooLong }
        return .unix(path: String(path))
    }

    private static func network(
        _ rest: Substring,
        defaultPort: Int,
        make: (String, Int) -> Endpoint
    ) throws(EndpointError) -> (endpoint: Endpoint, basePath: String) {
        guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else { throw .hasQuery }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        guard !rest[..<slash].contains("@") else { throw .hasCredentials }
        let (host, port) = try hostAndPort(rest[..<slash])
        var basePath = rest[slash...]
        while basePath.hasSuffix("/") { basePath = basePath.dropLast() }
        guard basePath.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw .hasPath }
        return (make(host, port ?? defaultPort), String(basePath))
    }

    /// Reads `host`, `host:port`, or either with an IPv6 address in brackets.
    static func hostAndPort(
        _ authority: Substring
    ) throws(EndpointError) -> (host: String, port: Int?) {
        var host = authority
        var portText: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw .invalidHost }
            host = authority[authority.index(after: authority.startIndex)..<end]
            guard host.contains(":"), host.utf8.allSatisfy(\.isAddressByte) else {
                throw .invalidHost
            }
            let tail = authority[authority.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else { throw .invalidHost }
            portText = tail.isEmpty ? nil : tail.dropFirst()
        } else {
            if let colon = authority.firstIndex(of: ":") {
                host = authority[..<colon]
                portText = authority[authority.index(after: colon)...]
            }
            guard !host.isEmpty, host.utf8.allSatisfy(\.isHostByte) else { throw .invalidHost }
        }
        guard let portText else { return (String(host), nil) }
        guard portText.utf8.allSatisfy(\.isDigit), let port = Int(portText),
            (1...65535).contains(port)
        else { throw .invalidPort }
        return (String(host), port)
    }
}

extension UInt8 {
    /// A byte of a host's name or IPv4 address.
    fileprivate var isHostByte: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }

    /// A byte of an IPv6 address with its zone.
    fileprivate var isAddressByte: Bool { isHostByte || self == 0x3A || self == 0x25 }
}
