/// How much a server takes from its peers, and for how long it waits for them.
public struct ServerLimits: Sendable, Hashable {
    /// The largest request body, in bytes (32 MiB); more is 413.
    public var maxBodyBytes = 32 * 1024 * 1024
    /// How many bytes of request bodies may be in hand at once, half of them one user's; more is 503.
    public var maxBodyBytesInHand = Int.max
    /// The largest head in bytes of target, names and values (100 KiB); more is 431.
    public var maxHeaderBytes = 100 * 1024
    /// The most fields in a head or trailer; more is 431.
    public var maxHeaderFields = 256
    /// How long a client may take from the first byte of a head to its last; more is 408.
    public var headerTimeout = Duration.seconds(10)
    /// How long a client may pause inside a body; more is 408.
    public var bodyIdleTimeout = Duration.seconds(30)
    /// How long a connection may wait for its next request before it is closed.
    public var keepAliveIdle = Duration.seconds(75)
    /// The most connections at once; one more is answered with 503 and closed.
    public var maxConnections = 4096
    /// The most connections at once of one uid; one more is answered with 429 and closed.
    public var maxConnectionsPerUser = 256
    /// How many bytes of an answer may wait in the process for a slow reader.
    ///
    /// A writer waits above this, and goes on below a quarter of it.
    public var writeBufferBytes = 16 * 1024
    /// How many bytes are read ahead of the exchange that is running on the same connection.
    public var readAheadBytes = 64 * 1024
    /// How long a finished connection is still read (and dropped), so that a client that is
    /// sending sees the answer instead of a reset.
    public var lingerTimeout = Duration.seconds(5)
    /// How long a stopping server waits for the first request of a client that has just connected.
    public var firstRequestTimeout = Duration.seconds(1)

    /// The limits of prefd's data socket.
    public init() {}
}
