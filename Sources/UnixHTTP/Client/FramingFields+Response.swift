import NIOHTTP1

extension FramingFields {
    /// How a response's body is framed (RFC 9112 section 6.3).
    ///
    /// Strictly: bytes in a coding that is not taken off would go on to the client as the body
    /// itself, since the field that names the coding stays here.
    func ofResponse(
        _ head: HTTPResponseHead,
        to method: HTTPMethod
    ) throws(WireFault) -> BodyReader.Framing {
        let status = head.status
        if method == .HEAD || status == .noContent || status == .notModified { return .length(0) }
        if codings > 0 {
            guard head.version == .http1_1 else {
                throw .malformed("HTTP/1.0 has no Transfer-Encoding")
            }
            guard isChunked, lengths == 0 else {
                throw .malformed("it has a transfer coding other than chunked, or a length too")
            }
            return .chunked
        }
        if lengths == 0 { return .untilClose }
        guard lengths == 1, let length else { throw .malformed("its Content-Length is not valid") }
        return .length(length)
    }
}
