import NIOHTTP1

extension FramingFields {
    /// How a response's body is framed (RFC 9112 section 6.3).
    func ofResponse(
        to method: HTTPMethod,
        status: HTTPResponseStatus
    ) throws(WireFault) -> BodyReader.Framing {
        if method == .HEAD || status == .noContent || status == .notModified { return .length(0) }
        if codings > 0 {
            guard isChunked, lengths == 0 else {
                throw .malformed("its transfer coding is not only chunked")
            }
            return .chunked
        }
        if lengths == 0 { return .untilClose }
        guard lengths == 1, let length else { throw .malformed("its Content-Length is not valid") }
        return .length(length)
    }
}
