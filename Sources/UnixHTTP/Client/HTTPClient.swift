public import NIOCore
public import NIOPosix

import NIOHTTP1

/// An HTTP/1.1 client to Unix sockets, TCP and TLS, with a pool of kept connections.
///
/// A request that fails is never sent again, with one exception: when a kept connection proves to
/// be closed before anything was sent on it, another one is used.
public final class HTTPClient: Sendable {
    private let group: any EventLoopGroup
    private let ownLoops: Set<ObjectIdentifier>
    private let limits: ClientLimits
    private let pool: ConnectionPool
    private let connector: Connector

    /// Makes a client on event loops that outlive it.
    public init(
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        limits: ClientLimits = ClientLimits()
    ) {
        group = eventLoopGroup
        ownLoops = Set(eventLoopGroup.makeIterator().map { ObjectIdentifier($0) })
        self.limits = limits
        pool = ConnectionPool(maxIdlePerEndpoint: limits.maxIdlePerEndpoint)
        connector = Connector(limits: limits, pool: pool)
    }

    /// Runs `body` with a client on an event loop of its own, and ends both after it.
    ///
    /// This is for a command-line program: one thread, started in microseconds.
    ///
    /// - Throws: What `body` throws.
    public static func withOwnEventLoop<Result: Sendable>(
        limits: ClientLimits = ClientLimits(),
        _ body: (HTTPClient) async throws -> Result
    ) async throws -> Result {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let client = HTTPClient(eventLoopGroup: group, limits: limits)
        do {
            let result = try await body(client)
            await client.shutDown()
            try? await group.shutdownGracefully()
            return result
        } catch {
            await client.shutDown()
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// Sends a request and waits for the head of its answer.
    ///
    /// Cancelling the task closes the connection at once, here and while the body is read.
    ///
    /// - Throws: ``ClientError``; ``ClientError/nothingWasSent`` says whether the server may have
    ///   acted on the request.
    public func send(
        _ request: ClientRequest,
        to endpoint: Endpoint,
        timeouts: ClientTimeouts? = nil
    ) async throws(ClientError) -> ClientResponse {
        let timeouts = timeouts ?? limits.timeouts
        let exchange = ClientExchange(
            try request.encoded(for: endpoint),
            timeouts: timeouts,
            readAheadBytes: limits.readAheadBytes
        )
        let here = currentEventLoop
        while let connection = pool.take(for: endpoint, on: here) {
            if let response = try await run(exchange, on: connection) { return response }
            exchange.reset()
        }
        guard !pool.isShutDown else { throw .shutDown }
        let connection = try await connect(to: endpoint, timeout: timeouts.connect)
        if let response = try await run(exchange, on: connection) { return response }
        throw .connectFailed(endpoint: endpoint, reason: "the server closed the connection at once")
    }

    /// Makes a connection, on the event loop that the caller runs on where it is one of ours.
    func connect(
        to endpoint: Endpoint,
        timeout: Duration
    ) async throws(ClientError) -> NIOLoopBound<ClientConnection> {
        try await connector.connect(
            to: endpoint,
            on: currentEventLoop ?? group.any(),
            timeout: timeout
        )
    }

    /// Checks ahead of the first request what an endpoint needs besides a network.
    ///
    /// - Throws: ``ClientError/tlsFailed(endpoint:reason:)`` when the authorities of an HTTPS
    ///   endpoint cannot be read.
    public func prepare(_ endpoint: Endpoint) throws(ClientError) {
        try connector.tlsContext(for: endpoint)
    }

    /// How many connections wait for a request.
    public var idleConnections: Int { pool.idleCount }

    /// Closes every connection; requests that run or come later fail.
    public func shutDown() async {
        for channel in pool.shutDown() {
            try? await channel.close().get()
        }
    }

    /// Runs an exchange; nil when the connection was closed and nothing was sent on it.
    private func run(
        _ exchange: ClientExchange,
        on connection: NIOLoopBound<ClientConnection>
    ) async throws(ClientError) -> ClientResponse? {
        connection.onLoop { if !$0.start(exchange) { exchange.refuse() } }
        switch await exchange.waitForStart() {
        case .head(let head):
            return ClientResponse(
                status: head.status,
                headers: head.headers,
                body: ResponseBody(exchange)
            )
        case .failed(let error): throw error
        case .notSent: return nil
        }
    }

    /// The event loop of this client that the caller runs on, if it does.
    private var currentEventLoop: (any EventLoop)? {
        guard let current = MultiThreadedEventLoopGroup.currentEventLoop else { return nil }
        return ownLoops.contains(ObjectIdentifier(current)) ? current : nil
    }
}
