public import NIOCore
public import NIOPosix

import Glibc
import Synchronization

/// An HTTP/1.1 server on one Unix socket (RFC 9112), which knows its peers from the kernel; or on a
/// loopback port, where it does not.
///
/// ```swift
/// let server = HTTPServer(address: .path("/run/x.sock", mode: 0o666), responder: responder)
/// try await server.listen()
/// try await server.run()  // until beginShutdown(grace:), or until this task is cancelled
/// ```
public final class HTTPServer: Sendable {
    private enum Phase {
        case created
        case listening(Acceptor, ListeningSocket)
        case stopped
    }

    private let address: ListenAddress
    private let limits: ServerLimits
    private let responderForPeer: @Sendable (PeerCredentials) -> any HTTPResponder
    private let group: any EventLoopGroup
    private let loops: [ObjectIdentifier: FairLoop]
    private let registry: ConnectionRegistry
    private let bodies: BodyBudget
    private let phase = Mutex(Phase.created)

    /// Describes a server; nothing is bound before ``listen()``.
    ///
    /// `responderForPeer` is asked once for each connection, when it arrives: who the peer is, and
    /// what it may do, is settled before its first request is read. It runs on the connection's
    /// event loop.
    public init(
        address: ListenAddress,
        limits: ServerLimits = ServerLimits(),
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        responderForPeer: @escaping @Sendable (PeerCredentials) -> any HTTPResponder
    ) {
        self.address = address
        self.limits = limits
        self.responderForPeer = responderForPeer
        group = eventLoopGroup
        loops = Dictionary(
            uniqueKeysWithValues: eventLoopGroup.makeIterator().map {
                (ObjectIdentifier($0), FairLoop($0))
            }
        )
        registry = ConnectionRegistry(limits: limits)
        bodies = BodyBudget(limitBytes: limits.maxBodyBytesInHand)
    }

    /// Describes a server that treats all its peers alike.
    public convenience init(
        address: ListenAddress,
        limits: ServerLimits = ServerLimits(),
        responder: any HTTPResponder,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        self.init(address: address, limits: limits, eventLoopGroup: eventLoopGroup) { _ in
            responder
        }
    }

    /// The TCP port that is listened on; nil before ``listen()``, and on a Unix socket.
    public var port: Int? {
        guard case .listening(_, let socket) = phase.withLock({ $0 }) else { return nil }
        return socket.port
    }

    /// How many connections each uid has open.
    public var connectionsByUID: [UInt32: Int] { registry.countsByUID }

    /// Takes the socket and begins to serve.
    ///
    /// A dead server's socket file is replaced, a live one's is not.
    ///
    /// - Throws: ``ListenError``, which says what stands in the way.
    public func listen() async throws(ListenError) {
        let socket = try ListeningSocket.open(address)
        let acceptor = Acceptor(socket.descriptor)
        let isStopped = phase.withLock { phase in
            guard case .created = phase else { return true }
            phase = .listening(acceptor, socket)
            return false
        }
        acceptor.start { self.take($0) }
        if isStopped {
            socket.removeOwnFile()
            acceptor.stop()
        }
    }

    /// Serves until ``beginShutdown(grace:)`` and the end of the last connection.
    ///
    /// Cancelling the task that runs this stops at once, without grace.
    ///
    /// - Throws: ``ListenError`` where ``listen()`` was not called before and fails now, or the
    ///   listening socket fails later.
    public func run() async throws(ListenError) {
        if case .created = phase.withLock({ $0 }) { try await listen() }
        await withTaskCancellationHandler {
            if case .listening(let acceptor, _) = phase.withLock({ $0 }) {
                await acceptor.waitUntilEnd()
            }
            await registry.waitUntilEmpty()
        } onCancel: {
            beginShutdown(grace: .zero)
        }
        if case .listening = phase.withLock({ $0 }) {
            throw .eventLoop("the listening socket failed")
        }
    }

    /// Stops accepting, closes idle connections, and lets running exchanges finish.
    ///
    /// What still runs after `grace` is cancelled and its connection closed.
    public func beginShutdown(grace: Duration) {
        let previous = phase.withLock { phase in
            defer { phase = .stopped }
            return phase
        }
        if case .listening(let acceptor, let socket) = previous {
            socket.removeOwnFile()
            acceptor.stop()
        }
        registry.drain()
        guard grace > .zero else { return registry.closeAll() }
        group.any().scheduleTask(in: TimeAmount(grace)) { self.registry.closeAll() }
    }

    /// Lets a connection that was accepted wait for its user's turn to be set up; or closes it.
    ///
    /// Runs on the acceptor's queue: everyone who connects waits for this.
    private func take(_ descriptor: CInt) {
        // Without an identity from the kernel there is nothing to authorize.
        guard let peer = address.peer(at: descriptor) else { return close(descriptor) }
        let refusal: RequestFault?
        switch registry.admission(of: peer.uid) {
        case .admitted: refusal = nil
        case .refused(let fault): refusal = fault
        case .dropped: return close(descriptor)
        }
        let eventLoop = group.next()
        guard let loop = loops[ObjectIdentifier(eventLoop)] else {
            registry.giveUp(peer.uid)
            return close(descriptor)
        }
        loop.execute(for: peer.uid) { self.open(descriptor, peer, refusal, on: loop) }
    }

    private func close(_ descriptor: CInt) { Glibc.close(descriptor) }

    /// Sets up a connection, on its event loop.
    private func open(
        _ descriptor: CInt,
        _ peer: PeerCredentials,
        _ refusal: RequestFault?,
        on loop: FairLoop
    ) {
        // Who connects and goes away costs no more than this.
        if case .endOfStream = PendingBytes(peekingAt: descriptor) {
            registry.giveUp(peer.uid)
            return close(descriptor)
        }
        let high = limits.writeBufferBytes
        let isServed = NIOLoopBoundBox(false, eventLoop: loop.eventLoop)
        ClientBootstrap(group: loop.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = try ServerConnection.configure(
                        channel,
                        peer: peer,
                        limits: self.limits,
                        bodies: self.bodies,
                        refusal: refusal
                    )
                    self.serve(connection, on: loop)
                    isServed.value = true
                }
            }
            // A half-closed client still waits for its answer. Over TCP, one that went away looks the same.
            .channelOption(.allowRemoteHalfClosure, value: !address.isTCP)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(
                .writeBufferWaterMark,
                value: .init(low: max(1, high / 4), high: max(1, high))
            )
            .withConnectedSocket(descriptor)
            .whenFailure { _ in
                // One that is served is counted out where that ends.
                if !isServed.value { self.registry.giveUp(peer.uid) }
            }
    }

    /// Starts the task that serves a connection.
    private func serve(_ connection: ServerConnection, on loop: FairLoop) {
        registry.insert(connection.entry)
        let responder = responderForPeer(connection.peer)
        let executor = loop.executor(for: connection.peer.uid)
        let task = Task(executorPreference: executor) { [registry] in
            await connection.serve(responder)
            registry.remove(connection.entry)
        }
        connection.entry.control.attach(task)
    }
}

extension ListenAddress {
    fileprivate var isTCP: Bool { if case .loopback = self { true } else { false } }

    /// Who is at the other end of an accepted connection.
    fileprivate func peer(at descriptor: CInt) -> PeerCredentials? {
        guard case .loopback = self else { return PeerCredentials(descriptor: descriptor) }
        return PeerCredentials(uid: geteuid(), gid: getegid(), pid: 0)
    }
}
