import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Opens connections to endpoints.
final class Connector: Sendable {
    private let limits: ClientLimits
    private let pool: ConnectionPool
    /// One TLS context for each set of authorities: reading the system's takes milliseconds.
    private let tlsContexts = Mutex<[String?: NIOSSLContext]>([:])

    init(limits: ClientLimits, pool: ConnectionPool) {
        self.limits = limits
        self.pool = pool
    }

    /// Connects, within the time that name look-up, connection and TLS may take together.
    func connect(
        to endpoint: Endpoint,
        on eventLoop: any EventLoop,
        timeout: Duration
    ) async throws(ClientError) -> NIOLoopBound<ClientConnection> {
        guard DescriptorBudget.process.free > 0 else {
            throw .connectFailed(endpoint: endpoint, reason: "too many open files in this process")
        }
        // The library holds a certificate's addresses against the socket's, which is the proxy's then.
        if case .https(let host, _, _, .some) = endpoint, host.isAddress {
            throw .tlsFailed(
                endpoint: endpoint,
                reason: "through a proxy a server proves its name and not its address: "
                    + "write the name that its certificate has"
            )
        }
        let opening = ConnectionOpening()
        let tls = try tlsContext(for: endpoint)
        let deadline = eventLoop.scheduleTask(in: TimeAmount(timeout)) {
            opening.fail(.connectTimedOut(endpoint: endpoint, after: timeout))
        }
        defer { deadline.cancel() }
        attempt(endpoint, tls, on: eventLoop, timeout, opening)
        return try await opening.wait()
    }

    /// Reads the authorities of an HTTPS endpoint ahead of its first use.
    @discardableResult
    func tlsContext(for endpoint: Endpoint) throws(ClientError) -> NIOSSLContext? {
        guard case .https(_, _, let authorityFile, _) = endpoint else { return nil }
        if let context = tlsContexts.withLock({ $0[authorityFile] }) { return context }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let authorityFile { configuration.trustRoots = .file(authorityFile) }
        do {
            if let authorityFile, try NIOSSLCertificate.fromPEMFile(authorityFile).isEmpty {
                throw NIOSSLError.failedToLoadCertificate
            }
            let context = try NIOSSLContext(configuration: configuration)
            tlsContexts.withLock { $0[authorityFile] = context }
            return context
        } catch {
            let source =
                authorityFile.map { "the authority file \($0)" } ?? "the system's authorities"
            throw .tlsFailed(
                endpoint: endpoint,
                reason: "\(source) cannot be read as PEM certificates"
            )
        }
    }

    private func attempt(
        _ endpoint: Endpoint,
        _ tls: NIOSSLContext?,
        on eventLoop: any EventLoop,
        _ timeout: Duration,
        _ opening: ConnectionOpening
    ) {
        let bootstrap = ClientBootstrap(group: eventLoop)
            // Ours ends first; NIO's own default would end a longer one early.
            .connectTimeout(TimeAmount(timeout) + .seconds(1))
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: 1024,
                    initial: 4096,
                    maximum: max(1024, limits.readAheadBytes)
                )
            )
            // What the kernel may hold is handed over at once when the server closes: TCP's
            // growing windows would make that megabytes for a reader that stopped.
            .channelOption(.socketOption(.so_rcvbuf), value: 128 * 1024)
            .channelInitializer { channel in
                opening.tries(channel)
                DescriptorBudget.process.count(channel)
                return channel.eventLoop.makeCompletedFuture {
                    try self.configure(channel, endpoint, tls, opening)
                }
            }
        let connected =
            switch endpoint {
            case .unix(let path), .http(_, _, let path?), .https(_, _, _, let path?):
                bootstrap.connect(unixDomainSocketPath: path)
            case .http(let host, let port, nil), .https(let host, let port, _, nil):
                bootstrap.connect(toHost: host, port)
            }
        connected.whenFailure { error in
            // A Unix socket whose queue is full says so at once, instead of queueing.
            let isFull = (error as? IOError)?.errnoCode == EAGAIN
            if endpoint.socketPath != nil, isFull, !opening.hasEnded {
                _ = eventLoop.scheduleTask(in: .milliseconds(2)) {
                    self.attempt(endpoint, tls, on: eventLoop, timeout, opening)
                }
                return
            }
            let reason = connectFailureText(error)
            let proxy = endpoint.tunnelTarget == nil ? nil : endpoint.socketPath
            opening.fail(
                .connectFailed(
                    endpoint: endpoint,
                    reason: proxy.map { "of its proxy \($0): \(reason)" } ?? reason
                )
            )
        }
    }

    private func configure(
        _ channel: any Channel,
        _ endpoint: Endpoint,
        _ tls: NIOSSLContext?,
        _ opening: ConnectionOpening
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        if let target = endpoint.tunnelTarget {
            try pipeline.addHandler(
                TunnelOpening(to: target, endpoint: endpoint, opening: opening)
            )
        }
        if let tls, case .https(let host, _, _, _) = endpoint {
            // An address is checked against the certificate as it is, and cannot be sent as SNI.
            try pipeline.addHandler(
                NIOSSLClientHandler(context: tls, serverHostname: host.isAddress ? nil : host)
            )
        }
        try pipeline.addHandler(
            ClientConnection(endpoint: endpoint, limits: limits, pool: pool, opening: opening)
        )
    }
}

extension String {
    /// Whether it is an IP address, and no name.
    fileprivate var isAddress: Bool { (try? SocketAddress(ipAddress: self, port: 0)) != nil }
}

extension ClientBootstrap {
    /// Connects over TCP.
    func connect(toHost host: String, _ port: Int) -> EventLoopFuture<any Channel> {
        // An address needs no look-up, which would cross threads.
        if let address = try? SocketAddress(ipAddress: host, port: port) {
            return connect(to: address)
        }
        return connect(host: host, port: port)
    }
}

/// Names why a socket did not connect.
func connectFailureText(_ error: any Error) -> String {
    switch error {
    case let error as IOError:
        errorText(error.errnoCode)
    case let error as NIOConnectionError:
        error.connectionErrors.first.map { connectFailureText($0.error) }
            ?? "the host's name cannot be resolved"
    default:
        String(describing: error)
    }
}
