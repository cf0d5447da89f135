/// How long each part of an exchange with a server may take.
public struct ClientTimeouts: Sendable, Hashable {
    /// Until the connection stands, name look-up and TLS included.
    public var connect: Duration
    /// From sending the request to the answer's head.
    public var firstByte: Duration
    /// Between two parts of the answer's body; the whole may take as long as it likes.
    public var idle: Duration

    /// Names the three limits; the defaults are those of prefd's backends.
    public init(
        connect: Duration = .seconds(5),
        firstByte: Duration = .seconds(120),
        idle: Duration = .seconds(60)
    ) {
        self.connect = connect
        self.firstByte = firstByte
        self.idle = idle
    }
}

/// How much a client takes from servers, and how many connections it keeps.
public struct ClientLimits: Sendable, Hashable {
    /// The timeouts of requests that bring none of their own.
    public var timeouts = ClientTimeouts()
    /// The largest response head (names and values of fields), in bytes.
    public var maxHeaderBytes = 100 * 1024
    /// The most fields in a response head.
    public var maxHeaderFields = 256
    /// How many bytes of a body wait for their reader before the server has to.
    ///
    /// As many again may come with the read that reaches this. With the server's
    /// ``ServerLimits/writeBufferBytes`` it bounds what a gateway holds for a client that stopped
    /// reading: what waits here, what is being written and what waits to be sent are 112 KiB
    /// together, in buffers that are at most twice as large.
    public var readAheadBytes = 16 * 1024
    /// The most idle connections kept to one endpoint.
    public var maxIdlePerEndpoint = 256
    /// How long an idle connection is kept.
    public var idleExpiry = Duration.seconds(30)

    /// The limits of prefd's backends.
    public init() {}
}
