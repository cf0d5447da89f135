public import NIOHTTP1

/// The head of a request as the client sent it.
public struct RequestHead: Sendable, Equatable {
    /// The method, `GET` and so on.
    public let method: HTTPMethod
    /// The request target as it came, neither decoded nor normalized.
    public let target: String
    /// The path of the target, still percent-encoded.
    public let path: String
    /// What follows the target's first `?`, still percent-encoded; nil without one.
    public let query: String?
    /// The fields in the order of their arrival.
    public let headers: HTTPHeaders
    /// The version of HTTP that the client speaks: 1.0 or 1.1.
    public let version: HTTPVersion

    /// Splits a target into path and query (RFC 9112 section 3.2, origin and absolute form).
    public init(
        method: HTTPMethod,
        target: String,
        headers: HTTPHeaders = [:],
        version: HTTPVersion = .http1_1
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.version = version
        let local = RequestHead.withoutAuthority(target[...])
        if let mark = local.utf8.firstIndex(of: UInt8(ascii: "?")) {
            path = String(local[..<mark])
            query = String(local[local.utf8.index(after: mark)...])
        } else {
            path = String(local)
            query = nil
        }
    }

    init(_ head: HTTPRequestHead) {
        self.init(
            method: head.method,
            target: head.uri,
            headers: head.headers,
            version: head.version
        )
    }

    /// The query's parameters in order, percent-decoded, `+` read as a space.
    ///
    /// A malformed escape or bytes that are not UTF-8 are left as they came.
    public var queryParameters: [(name: String, value: String)] {
        (query ?? "").split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (
                RequestHead.percentDecoded(parts[0]),
                parts.count > 1 ? RequestHead.percentDecoded(parts[1]) : ""
            )
        }
    }

    /// Drops `http://host` from a target in absolute form.
    private static func withoutAuthority(_ target: Substring) -> Substring {
        guard !target.hasPrefix("/"), let scheme = target.firstRange(of: "://") else {
            return target
        }
        let authority = target[scheme.upperBound...]
        guard let start = authority.utf8.firstIndex(where: { $0 == 0x2F || $0 == 0x3F }) else {
            return "/"
        }
        return authority[start] == "/" ? authority[start...] : "/" + authority[start...]
    }

    private static func percentDecoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"):
                bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard rest.prefix(2).count == 2, let value = UInt8(rest.prefix(2), radix: 16) else {
                    return String(text)
                }
                rest = rest.dropFirst(2)
                bytes.append(value)
            default:
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self) ?? String(text)
    }
}

extension UInt8 {
    fileprivate init?(_ hexadecimal: Substring.UTF8View, radix: Int) {
        // The integer parser would take a sign.
        guard hexadecimal.allSatisfy({ $0 != 0x2B && $0 != 0x2D }),
            let value = UInt8(String(Substring(hexadecimal)), radix: radix)
        else { return nil }
        self = value
    }
}
