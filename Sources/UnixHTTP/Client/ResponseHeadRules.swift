import NIOHTTP1

extension HTTPResponseHead {
    /// Why the end of the body is not certain, beyond what the parser rejects, if it is not.
    ///
    /// The parser takes a body in any other transfer coding for one that ends with the connection
    /// (RFC 9112 section 6.3), and hands its coded bytes over. They would go on to the client as
    /// the body itself, since the field that names the coding stays here.
    var framingFault: String? {
        let codings = headers["transfer-encoding"]
        if codings.isEmpty { return nil }
        if version != .http1_1 { return "HTTP/1.0 has no Transfer-Encoding" }
        guard codings.count == 1, codings.first?.lowercased() == "chunked" else {
            return "it has a transfer coding other than chunked"
        }
        return nil
    }
}
