import NIOCore

/// What a connection's framing hands to the function that serves it.
enum InboundEvent: Sendable {
    /// A whole, valid request, and whether another may follow on this connection.
    case request(HTTPRequest, keepsAlive: Bool)
    /// A request that was refused; nothing follows on this connection.
    case fault(RequestFault, head: RequestHead?)
}

/// What the function that serves a connection hands to its framing.
enum OutboundPart: Sendable {
    /// Bytes of an answer, with more to come.
    case more(ByteBuffer)
    /// The last bytes of an answer.
    case last(ByteBuffer, then: Next)
    /// Nothing more: close when everything written has left.
    case close

    /// What becomes of a connection after an answer.
    enum Next: Sendable {
        case keepAlive
        case close
    }
}
