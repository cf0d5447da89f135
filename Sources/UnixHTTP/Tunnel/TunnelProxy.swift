public import NIOCore
public import NIOPosix

import Glibc

/// A proxy on a Unix socket for a process that has no network: it connects to servers for it, and passes
/// bytes on both ways without a look at them (RFC 9110, section 9.3.6).
///
/// Who may connect to it is for the socket's permissions to say, and where to, for whoever makes it.
public final class TunnelProxy: Sendable {
    /// A server that a client wants to be connected to.
    public struct Target: Sendable, Hashable {
        /// Its name or address, in lower case.
        public let host: String
        /// Its TCP port.
        public let port: Int

        /// Takes a host and a port.
        public init(host: String, port: Int) {
            self.host = host.lowercased()
            self.port = port
        }
    }

    private let address: ListenAddress
    private let group: any EventLoopGroup
    private let refusal: @Sendable (Target) -> String?

    /// Describes a proxy; nothing is bound before ``run(ready:)``.
    ///
    /// `refusal` says why a target is not to be connected to; nil lets the client have it. It runs on an
    /// event loop, for every connection.
    public init(
        address: ListenAddress,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        refusal: @escaping @Sendable (Target) -> String?
    ) {
        self.address = address
        group = eventLoopGroup
        self.refusal = refusal
    }

    /// Serves until the task is cancelled; `ready` is called when the socket is served on.
    ///
    /// - Throws: ``ListenError``.
    public func run(ready: @Sendable () -> Void) async throws(ListenError) {
        let socket = try ListeningSocket.open(address)
        defer { socket.removeOwnFile() }
        let listener: any Channel
        do {
            listener = try await bootstrap().withBoundSocket(socket.descriptor).get()
        } catch {
            throw .eventLoop(String(describing: error))
        }
        // NIO has set a shorter queue; this one is as long as the kernel allows.
        _ = Glibc.listen(socket.descriptor, ListeningSocket.backlog)
        ready()
        await withTaskCancellationHandler {
            try? await listener.closeFuture.get()
        } onCancel: {
            listener.close(promise: nil)
        }
        if !Task.isCancelled { throw .eventLoop("the listening socket failed") }
    }

    private func bootstrap() -> ServerBootstrap {
        ServerBootstrap(group: group)
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
                DescriptorBudget.process.count(channel)
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        TunnelEntrance(refusal: self.refusal)
                    )
                }
            }
            .childChannelOption(.maxMessagesPerRead, value: 1)
    }
}
