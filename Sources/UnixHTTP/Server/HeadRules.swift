import NIOHTTP1

extension RequestHead {
    /// What is wrong with this head beyond what the parser rejects, if anything.
    ///
    /// The parser accepts a missing or repeated `Host`, and leaves the rest here to its user.
    func fault(under limits: ServerLimits) -> RequestFault? {
        if let fault = targetFault ?? hostFault ?? framingFault { return fault }
        if let length = headers.declaredLength, length > limits.maxBodyBytes {
            return .bodyTooLarge(limitBytes: limits.maxBodyBytes)
        }
        if let expectation = headers.first(name: "expect"), version == .http1_1,
            expectation.lowercased() != "100-continue"
        {
            return .expectationFailed
        }
        return nil
    }

    /// Whether the client waits for `100 Continue` before it sends the body.
    var expectsContinue: Bool { version == .http1_1 && headers.contains(name: "expect") }

    /// Whether the parser stops after this request, because it may be followed by another
    /// protocol.
    ///
    /// An upgrade that is not granted is ignored (RFC 9110 section 7.8), but nothing
    /// more can be read from the connection.
    var endsParsing: Bool {
        headers.contains(name: "upgrade")
            && headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
    }

    private var targetFault: RequestFault? {
        if method == .CONNECT { return .upgradeRequested("a tunnel") }
        let protocols = headers[canonicalForm: "upgrade"]
        if endsParsing, protocols.contains(where: { $0.lowercased() == "websocket" }) {
            return .upgradeRequested("WebSocket")
        }
        guard path.hasPrefix("/") || (target == "*" && method == .OPTIONS) else {
            return .malformed("the request target is neither a path nor a URL")
        }
        return nil
    }

    private var hostFault: RequestFault? {
        switch headers["host"].count {
        case 1: nil
        case 0: version == .http1_0 ? nil : .malformed("the Host field is missing")
        default: .malformed("there is more than one Host field")
        }
    }

    /// Everything by which two readers could see different ends of the body
    /// (RFC 9112 section 6.3 and 11.2).
    private var framingFault: RequestFault? {
        let lengths = headers["content-length"]
        let codings = headers["transfer-encoding"]
        if lengths.count > 1 { return .malformed("there is more than one Content-Length") }
        if !lengths.isEmpty, headers.declaredLength == nil {
            return .malformed("Content-Length is not a number")
        }
        if codings.isEmpty { return nil }
        if !lengths.isEmpty {
            return .malformed("there is a Content-Length beside Transfer-Encoding")
        }
        if version != .http1_1 { return .malformed("HTTP/1.0 has no Transfer-Encoding") }
        guard codings.count == 1, codings.first?.lowercased() == "chunked" else {
            return .unsupported("a transfer coding other than chunked")
        }
        return nil
    }
}

extension RequestFault {
    /// Reads the parser's error.
    init(_ error: any Error, limits: ServerLimits) {
        switch error as? HTTPParserError {
        case .headerOverflow?:
            self = .headersTooLarge(limitBytes: limits.maxHeaderBytes)
        case .invalidVersion?:
            self = .malformed("its first line does not end with HTTP/1.1 or HTTP/1.0 and CR LF")
        case .invalidMethod?:
            self = .malformed("the method is not one of HTTP")
        case .invalidURL?:
            self = .malformed("the request target is not valid")
        case .invalidHeaderToken?:
            self = .malformed("a header field has a character that it must not have")
        case .lfExpected?:
            self = .malformed("a line does not end with CR LF")
        case .invalidChunkSize?:
            self = .malformed("a chunk's size is not valid")
        case .invalidContentLength?, .unexpectedContentLength?:
            self = .malformed("Content-Length is not valid here")
        case .invalidEOFState?:
            self = .malformed("the connection ended inside the request")
        default:
            self = .malformed("its framing is broken")
        }
    }
}
