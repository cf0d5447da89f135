/// Where a backend listens.
public enum BackendURL: Sendable, Hashable, CustomStringConvertible {
    /// Plain HTTP; `path` is put in front of every endpoint's, without a slash at its end.
    case http(host: String, port: Int, path: String)
    /// HTTP over TLS; `path` as for `http`.
    case https(host: String, port: Int, path: String)
    /// HTTP over a Unix socket at an absolute path.
    case unix(path: String)

    /// The URL as the configuration spells it.
    public var description: String {
        switch self {
        case .http(let host, let port, let path): "http://\(Self.bracketed(host)):\(port)\(path)"
        case .https(let host, let port, let path): "https://\(Self.bracketed(host)):\(port)\(path)"
        case .unix(let path): "unix://\(path)"
        }
    }

    /// The server's host and port; nil for a Unix socket.
    public var hostAndPort: (host: String, port: Int)? {
        switch self {
        case .http(let host, let port, _), .https(let host, let port, _): (host, port)
        case .unix: nil
        }
    }

    /// Whether what is sent there can be read on the network.
    var isPlainOverNetwork: Bool {
        guard case .http(let host, _, _) = self else { return false }
        return !(host == "localhost" || host == "::1" || host.hasPrefix("127."))
    }

    /// Whether its certificate would have to name an IP address.
    var provesAnAddress: Bool {
        guard case .https(let host, _, _) = self else { return false }
        return host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." }
    }

    /// Reads a URL; no error repeats it, since it may hold a password.
    init(reading text: String) throws(BadValue) {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw BadValue("holds white space or characters that a URL must percent-encode")
        }
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
            throw BadValue("is not a URL", hint: Self.forms)
        }
        let rest = text[text.index(colon, offsetBy: 3)...]
        switch text[..<colon].lowercased() {
        case "unix":
            self = .unix(path: try Self.socketPath(rest))
        case "http":
            let (host, port, path) = try Self.authority(rest)
            self = .http(host: host, port: port ?? 80, path: path)
        case "https":
            let (host, port, path) = try Self.authority(rest)
            self = .https(host: host, port: port ?? 443, path: path)
        default:
            throw BadValue("has a scheme that prefd does not speak", hint: Self.forms)
        }
    }

    private static let forms = "write http://HOST:PORT, https://HOST or unix:///PATH.sock"

    static func socketPath(_ rest: Substring) throws(BadValue) -> String {
        guard rest.hasPrefix("/"), rest.count > 1 else {
            throw BadValue("needs an absolute path", hint: "three slashes: unix:///run/llama.sock")
        }
        if let problem = SocketPath.problem(with: String(rest)) { throw problem }
        return String(rest)
    }

    private static func authority(
        _ rest: Substring
    ) throws(BadValue) -> (host: String, port: Int?, path: String) {
        guard !rest.contains("?"), !rest.contains("#") else {
            throw BadValue("has a query or fragment, which is not used", hint: "leave out ? and #")
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        guard !authority.contains("@") else {
            throw BadValue(
                "holds a user name or password",
                hint: "put the backend's key in a file: api_key: { file: PATH }"
            )
        }
        let (host, port) = try hostAndPort(authority)
        var path = rest[slash...]
        while path.hasSuffix("/") { path.removeLast() }
        return (host, port, String(path))
    }

    private static func hostAndPort(_ authority: Substring) throws(BadValue) -> (String, Int?) {
        var host = authority
        var digits: Substring?
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]") else {
                throw BadValue("has an IPv6 address without its closing ]")
            }
            host = authority[authority.index(after: authority.startIndex)..<close]
            let after = authority[authority.index(after: close)...]
            guard after.isEmpty || after.hasPrefix(":"), host.contains(":"),
                host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." })
            else { throw BadValue("has a host that is no IPv6 address") }
            if !after.isEmpty { digits = after.dropFirst() }
        } else {
            if let colon = authority.firstIndex(of: ":") {
                host = authority[..<colon]
                digits = authority[authority.index(after: colon)...]
            }
            guard !host.isEmpty, host.utf8.count <= 253, host.utf8.allSatisfy(isHostByte) else {
                throw BadValue("has no valid host name", hint: forms)
            }
        }
        guard let digits else { return (host.lowercased(), nil) }
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits),
            (1...65_535).contains(port)
        else { throw BadValue("has a port that is not a number from 1 to 65535") }
        return (host.lowercased(), port)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }

    private static func bracketed(_ host: String) -> String {
        host.contains(":") ? "[\(host)]" : host
    }
}

/// Paths of Unix sockets.
enum SocketPath {
    /// The longest path that fits `sockaddr_un.sun_path` with its NUL (unix(7)).
    static let maxBytes = 107

    /// What is wrong with a path, or nil.
    static func problem(with path: String) -> BadValue? {
        guard path.utf8.count > maxBytes else { return nil }
        return BadValue(
            "is \(path.utf8.count) bytes long; a Unix socket's path has at most \(maxBytes)",
            hint: "choose a shorter directory"
        )
    }
}
