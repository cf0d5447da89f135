import NIOHTTP1

extension RequestHead {
    /// What is wrong with this head beyond what its reader rejects, if anything.
    func fault(_ framing: FramingFields, under limits: ServerLimits) -> RequestFault? {
        if let fault = targetFault(framing) ?? hostFault(framing) ?? framingFault(framing) {
            return fault
        }
        if let length = framing.length, length > limits.maxBodyBytes {
            return .bodyTooLarge(limitBytes: limits.maxBodyBytes)
        }
        if framing.expects, version == .http1_1, !framing.expectsContinue {
            return .expectationFailed
        }
        return nil
    }

    /// Whether the client waits for `100 Continue` before it sends the body.
    func expectsContinue(_ framing: FramingFields) -> Bool {
        version == .http1_1 && framing.expects
    }

    /// Whether another request may follow on the connection (RFC 9112 section 9.3).
    ///
    /// An upgrade that is not granted is ignored (RFC 9110 section 7.8), but what follows may be
    /// meant for the other protocol.
    func keepsAlive(_ framing: FramingFields) -> Bool {
        if framing.closes || framing.upgrades && framing.namesUpgrade { return false }
        return version == .http1_1 || framing.keepsAlive
    }

    private func targetFault(_ framing: FramingFields) -> RequestFault? {
        if method == .CONNECT { return .upgradeRequested("a tunnel") }
        if framing.wantsWebSocket, framing.namesUpgrade { return .upgradeRequested("WebSocket") }
        guard path.utf8.first == UInt8(ascii: "/") || (target == "*" && method == .OPTIONS) else {
            return .malformed("the request target is neither a path nor a URL")
        }
        return nil
    }

    private func hostFault(_ framing: FramingFields) -> RequestFault? {
        switch framing.hosts {
        case 1: nil
        case 0: version == .http1_0 ? nil : .malformed("the Host field is missing")
        default: .malformed("there is more than one Host field")
        }
    }

    /// Everything by which two readers could see different ends of the body
    /// (RFC 9112 section 6.3 and 11.2).
    private func framingFault(_ framing: FramingFields) -> RequestFault? {
        if framing.lengths > 1 { return .malformed("there is more than one Content-Length") }
        if framing.lengths == 1, framing.length == nil {
            return .malformed("Content-Length is not a number")
        }
        if framing.codings == 0 { return nil }
        if framing.lengths > 0 {
            return .malformed("there is a Content-Length beside Transfer-Encoding")
        }
        if version != .http1_1 { return .malformed("HTTP/1.0 has no Transfer-Encoding") }
        guard framing.codings == 1, framing.isChunked else {
            return framing.endsWithChunked
                ? .unsupported("a transfer coding other than chunked")
                : .malformed("the last transfer coding is not chunked, or there are two fields")
        }
        return nil
    }
}

extension RequestFault {
    /// What the reader of the connection's bytes rejects.
    init(_ fault: WireFault, limits: ServerLimits) {
        self =
            switch fault {
            case .headTooLarge: .headersTooLarge(limitBytes: limits.maxHeaderBytes)
            case .malformed(let reason): .malformed(reason)
            }
    }
}
