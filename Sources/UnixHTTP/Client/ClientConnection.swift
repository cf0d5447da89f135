import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS

/// One connection to a server: it carries one exchange at a time, and waits in the pool between.
final class ClientConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    private let endpoint: Endpoint
    private let limits: ClientLimits
    private let pool: ConnectionPool
    /// Who waits for the connection to stand; nil once it does.
    private var opening: ConnectionOpening?

    private var context: ChannelHandlerContext?
    private var socket: PeekableSocket?
    private var timer: DeadlineTimer?
    private var exchange: ClientExchange?
    private var isReused = false
    private var isPooled = false
    private var heads: HeadReader
    private var reader: BodyReader
    /// What has arrived and was not yet read.
    private var unread = ByteBuffer()
    private var hasHead = false
    private var keepsAlive = false
    private var isPaused = false
    private var heldRead = false

    init(
        endpoint: Endpoint,
        limits: ClientLimits,
        pool: ConnectionPool,
        opening: ConnectionOpening
    ) {
        self.endpoint = endpoint
        self.limits = limits
        self.pool = pool
        self.opening = opening
        heads = HeadReader(maxBytes: limits.maxHeaderBytes, maxFields: limits.maxHeaderFields)
        reader = BodyReader(.length(0), trailer: heads)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        socket = PeekableSocket(of: context.channel)
        timer = DeadlineTimer(eventLoop: context.eventLoop) { self.deadlinePassed() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.invalidate()
        timer = nil
        self.context = nil
        socket = nil
    }

    private func bound(_ context: ChannelHandlerContext) -> NIOLoopBound<ClientConnection> {
        NIOLoopBound(self, eventLoop: context.eventLoop)
    }
}

// MARK: - Opening

extension ClientConnection {
    func channelActive(context: ChannelHandlerContext) {
        if case .https = endpoint {} else { opened(context) }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { opened(context) }
        context.fireUserInboundEventTriggered(event)
    }

    private func opened(_ context: ChannelHandlerContext) {
        guard let opening = opening.take() else { return }
        let connection = bound(context)
        pool.opened(connection, channel: context.channel)
        // Whoever waited may have given up meanwhile.
        if !opening.succeed(connection) { close() }
    }
}

// MARK: - Exchanges

extension ClientConnection {
    /// Sends a request; false when the connection turned out to be closed, and nothing was sent.
    func start(_ exchange: ClientExchange) -> Bool {
        isPooled = false
        guard let context, context.channel.isActive, self.exchange == nil else { return false }
        // The server's closing may be in the kernel and not yet in our event loop.
        if isReused {
            guard let socket, case .none = PendingBytes(at: socket) else {
                close()
                return false
            }
        }
        guard exchange.attach(bound(context)) else {
            recycle(context)
            return true
        }
        isReused = true
        self.exchange = exchange
        hasHead = false
        keepsAlive = false
        isPaused = false
        timer?.set(.now() + TimeAmount(exchange.timeouts.firstByte))
        // The flush may find the server gone and close the channel before it returns: from there
        // on, the exchange is over.
        if let rest = exchange.request.rest {
            context.write(wrapOutboundOut(exchange.request.head), promise: nil)
            context.writeAndFlush(wrapOutboundOut(rest), promise: nil)
        } else {
            context.writeAndFlush(wrapOutboundOut(exchange.request.head), promise: nil)
        }
        releaseRead()
        return true
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        guard let exchange else { return close() }
        if unread.readableBytes == 0 { unread = bytes } else { unread.writeBuffer(&bytes) }
        do throws(WireFault) {
            while !hasHead {
                guard let (head, framing) = try heads.response(from: &unread) else { return }
                try begin(exchange, head, framing)
            }
            let part = try reader.read(from: &unread)
            if part.readableBytes > 0 { isPaused = !exchange.deliver(part) }
            guard reader.isDone else { return awaitPart(of: exchange) }
            recycle(context)
            exchange.complete()
        } catch {
            fail(error)
        }
    }

    /// Takes the head of the answer; an informational one is only a forerunner.
    private func begin(
        _ exchange: ClientExchange,
        _ head: HTTPResponseHead,
        _ framing: FramingFields
    ) throws(WireFault) {
        guard head.status != .switchingProtocols else {
            throw .malformed("it switches protocols unasked")
        }
        if head.status.code < 200 { return }
        let body = try framing.ofResponse(head, to: exchange.request.method)
        reader = BodyReader(body, trailer: heads)
        hasHead = true
        keepsAlive =
            !framing.closes && !reader.endsWithConnection
            && (head.version == .http1_1 || framing.keepsAlive)
        exchange.deliver(.head(head))
    }

    /// Goes on after a pause.
    func resumeReading(for exchange: ClientExchange) {
        guard self.exchange === exchange, isPaused else { return }
        isPaused = false
        awaitPart(of: exchange)
        releaseRead()
    }

    func read(context: ChannelHandlerContext) {
        if isPaused {
            heldRead = true
        } else {
            context.read()
        }
    }

    private func releaseRead() {
        guard heldRead else { return }
        heldRead = false
        context?.read()
    }

    private func awaitPart(of exchange: ClientExchange) {
        // While the reader is behind, the server is not to blame.
        timer?.set(isPaused ? nil : .now() + TimeAmount(exchange.timeouts.idle))
    }

    /// Ends the exchange, and gives the connection to the pool where it can carry another.
    private func recycle(_ context: ChannelHandlerContext) {
        let survives = exchange == nil || keepsAlive && unread.readableBytes == 0
        exchange = nil
        isPaused = false
        unread = ByteBuffer()
        releaseRead()
        // Flushing or reading may have closed the channel under us: never pool a dead one, nor one
        // whose server has answered before it was told everything.
        guard survives, context.channel.isActive, hasWrittenAll(context.channel) else {
            return close()
        }
        isPooled = true
        timer?.set(.now() + TimeAmount(limits.idleExpiry))
        if !pool.put(bound(context), for: endpoint) { close() }
    }
}

extension ClientConnection {
    private func hasWrittenAll(_ channel: any Channel) -> Bool {
        (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 1 == 0
    }
}

// MARK: - Endings

extension ClientConnection {
    /// Closes the connection of an exchange that was given up.
    func close(ifServing exchange: ClientExchange) {
        if self.exchange === exchange { close() }
    }

    func close() {
        context?.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.invalidate()
        pool.closed(self, of: endpoint, wasIdle: isPooled)
        opening.take()?.fail(
            .connectFailed(endpoint: endpoint, reason: "the server closed the connection")
        )
        if let exchange = exchange.take() {
            if hasHead, reader.endsWithConnection {
                exchange.complete()
            } else {
                exchange.fail(endError)
            }
        }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let opening = opening.take() {
            opening.fail(.tlsFailed(endpoint: endpoint, reason: tlsFailureText(error)))
            return close()
        }
        // The socket failed, or TLS ended without its closing message: whatever was not whole by
        // then is cut short.
        fail(endError)
    }

    /// What it means that nothing more comes.
    private var endError: ClientError {
        hasHead || unread.readableBytes > 0 ? .truncated : .closedBeforeResponse
    }

    private func fail(_ fault: WireFault) {
        switch fault {
        case .malformed(let reason):
            fail(.malformedResponse(reason))
        case .headTooLarge:
            let limit = limits.maxHeaderBytes
            fail(.malformedResponse("its head is larger than \(limit) bytes, or has many fields"))
        }
    }

    private func fail(_ error: ClientError) {
        exchange.take()?.fail(error)
        close()
    }

    private func deadlinePassed() {
        guard let exchange else { return close() }
        let timeouts = exchange.timeouts
        // What has arrived but was not yet read is our own delay, not the server's.
        if let socket, case .some = PendingBytes(at: socket) {
            return awaitPart(of: exchange)
        }
        fail(
            hasHead
                ? .idleTimedOut(after: timeouts.idle)
                : .firstByteTimedOut(after: timeouts.firstByte)
        )
    }
}

/// Names what TLS did not accept.
private func tlsFailureText(_ error: any Error) -> String {
    let text = String(describing: error)
    if text.contains("CERTIFICATE_VERIFY_FAILED") {
        return "the server's certificate is not signed by a trusted authority, or has expired"
    }
    if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname {
        return "the server's certificate is for another host"
    }
    return text
}
