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
        case listening(any Channel, ListeningSocket)
        case stopped
    }

    private let address: ListenAddress
    private let limits: ServerLimits
    private let responderForPeer: @Sendable (PeerCredentials) -> any HTTPResponder
    private let group: any EventLoopGroup
    private let executors: [ObjectIdentifier: EventLoopExecutor]
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
        executors = Dictionary(
            uniqueKeysWithValues: eventLoopGroup.makeIterator().map {
                (ObjectIdentifier($0), EventLoopExecutor($0))
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
        guard case .listening(let listener, _) = phase.withLock({ $0 }) else { return nil }
        return listener.localAddress?.port
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
        let listener: any Channel
        do {
            listener = try await bootstrap().withBoundSocket(socket.descriptor).get()
        } catch {
            socket.removeOwnFile()
            throw .eventLoop(String(describing: error))
        }
        // NIO has set a shorter queue; this one is as long as the kernel allows.
        _ = Glibc.listen(socket.descriptor, ListeningSocket.backlog)
        let isStopped = phase.withLock { phase in
            guard case .created = phase else { return true }
            phase = .listening(listener, socket)
            return false
        }
        if isStopped {
            socket.removeOwnFile()
            listener.close(promise: nil)
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
            if case .listening(let listener, _) = phase.withLock({ $0 }) {
                try? await listener.closeFuture.get()
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
        if case .listening(let listener, let socket) = previous {
            socket.removeOwnFile()
            stopAccepting(on: listener)
        }
        registry.drain()
        guard grace > .zero else { return registry.closeAll() }
        group.any().scheduleTask(in: TimeAmount(grace)) { self.registry.closeAll() }
    }

    /// Closes the listener when nothing is between it and its connections.
    ///
    /// NIO drops a connection that is being set up when its listener closes, though its client was
    /// let in. So no more are accepted first; those on their way pass to their loops and back.
    private func stopAccepting(on listener: any Channel) {
        let loops = group.makeIterator().map(\.self)
        listener.setOption(.autoRead, value: false)
            .flatMap {
                let passed = loops.map { $0.submit {} }
                return EventLoopFuture.andAllComplete(passed, on: listener.eventLoop)
            }
            .whenComplete { _ in listener.close(promise: nil) }
    }

    private func bootstrap() -> ServerBootstrap {
        let high = limits.writeBufferBytes
        return ServerBootstrap(group: group)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // Out of descriptors, those who wait to be accepted wait a little longer.
                    try channel.pipeline.syncOperations.addHandler(
                        AcceptBackoffHandler(shouldForwardIOErrorCaught: false) { _ in
                            .milliseconds(100)
                        }
                    )
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.accept(channel) }
            }
            // A half-closed client still waits for its answer. Over TCP, one that went away looks the same.
            .childChannelOption(.allowRemoteHalfClosure, value: !address.isTCP)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(low: max(1, high / 4), high: max(1, high))
            )
    }

    /// Sets up an accepted connection, and starts the task that serves it.
    private func accept(_ channel: any Channel) throws {
        // Without an identity from the kernel there is nothing to authorize.
        guard let peer = address.peer(of: channel) else { return channel.close(promise: nil) }
        let refusal: RequestFault?
        switch registry.admission(of: peer.uid) {
        case .admitted: refusal = nil
        case .refused(let fault): refusal = fault
        case .dropped: return channel.close(promise: nil)
        }
        let connection = try ServerConnection.configure(
            channel,
            peer: peer,
            limits: limits,
            bodies: bodies,
            refusal: refusal
        )
        registry.insert(connection.entry)
        let responder = responderForPeer(peer)
        let executor = executors[ObjectIdentifier(channel.eventLoop)]
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
    fileprivate func peer(of channel: any Channel) -> PeerCredentials? {
        guard case .loopback = self else { return PeerCredentials(of: channel) }
        return PeerCredentials(uid: geteuid(), gid: getegid(), pid: 0)
    }
}
