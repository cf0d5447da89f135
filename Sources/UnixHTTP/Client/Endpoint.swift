/// A server that a client can connect to.
public enum Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// HTTP over TCP; `via` is the path of a proxy's Unix socket, where it is reached through one
    /// (``TunnelProxy``).
    case http(host: String, port: Int, via: String? = nil)
    /// HTTP over TLS, from this process to the host, through a proxy too; certificates are checked
    /// against the system's authorities, or against those in a PEM file where one is named.
    case https(host: String, port: Int, authorityFile: String? = nil, via: String? = nil)
    /// HTTP over a Unix socket.
    case unix(path: String)

    /// The endpoint as a URL.
    public var description: String {
        switch self {
        case .http(let host, let port, _): "http://\(Endpoint.authority(host, port))"
        case .https(let host, let port, _, _): "https://\(Endpoint.authority(host, port))"
        case .unix(let path): "unix://\(path)"
        }
    }

    /// What `Host` says when nobody says otherwise (RFC 9112 section 3.2).
    var hostField: String {
        switch self {
        case .http(let host, 80, _), .https(let host, 443, _, _): Endpoint.bracketed(host)
        case .http(let host, let port, _), .https(let host, let port, _, _):
            Endpoint.authority(host, port)
        case .unix: "localhost"
        }
    }

    /// The path of the Unix socket that a connection begins with, where it does.
    var socketPath: String? {
        switch self {
        case .unix(let path): path
        case .http(_, _, let via), .https(_, _, _, let via): via
        }
    }

    /// What a proxy is asked to connect to; nil where there is none.
    var tunnelTarget: String? {
        switch self {
        case .http(let host, let port, .some), .https(let host, let port, _, .some):
            Endpoint.authority(host, port)
        default: nil
        }
    }

    private static func authority(_ host: String, _ port: Int) -> String {
        "\(bracketed(host)):\(port)"
    }

    private static func bracketed(_ host: String) -> String {
        host.contains(":") ? "[\(host)]" : host
    }
}

/// Why a text is not the URL of an endpoint.
public enum EndpointError: Error, Sendable, Hashable, CustomStringConvertible {
    /// It does not begin with `http://`, `https://` or `unix://`.
    case unknownScheme
    /// The host is missing, or has characters that no host has.
    case invalidHost
    /// The port is not a number from 1 to 65535.
    case invalidPort
    /// The path of a Unix socket is not absolute.
    case relativeSocketPath
    /// The path of a Unix socket has more than 107 bytes, which is what an address holds.
    case socketPathTooLong
    /// It has a user name or password.
    case hasCredentials
    /// It has a query or a fragment.
    case hasQuery
    /// It has a path where none can be used.
    case hasPath

    /// What was wrong and what to write instead; never the text itself, which may hold a key.
    public var description: String {
        switch self {
        case .unknownScheme: "a URL here begins with http://, https:// or unix://"
        case .invalidHost: "the URL's host is missing or not valid"
        case .invalidPort: "the URL's port is not a number from 1 to 65535"
        case .relativeSocketPath: "a Unix socket's path is absolute: unix:///run/model.sock"
        case .socketPathTooLong: "a Unix socket's path has at most 107 bytes"
        case .hasCredentials:
            "the URL has a user name or password: keys belong in a file of their own"
        case .hasQuery: "the URL has a query or fragment: leave out what follows the path"
        case .hasPath: "the URL has a path: leave out what follows the host and port"
        }
    }
}
