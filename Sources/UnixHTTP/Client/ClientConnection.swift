import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS

/// One connection to a server: it carries one exchange at a time, and waits in the pool between.
final class ClientConnection: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    private let endpoint: Endpoint
    private let limits: ClientLimits
    private let pool: ConnectionPool
    /// Who waits for the connection to stand; nil once it does.
    private var opening: ConnectionOpening?

    private var context: ChannelHandlerContext?
    private var timer: DeadlineTimer?
    private var exchange: ClientExchange?
    private var isReused = false
    private var isPooled = false
    private var hasHead = false
    private var requestIsWritten = false
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
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timer = DeadlineTimer(eventLoop: context.eventLoop) { self.deadlinePassed() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.invalidate()
        timer = nil
        self.context = nil
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
            guard case .none = PendingBytes(waitingAt: context.channel) else {
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
        requestIsWritten = false
        keepsAlive = false
        isPaused = false
        timer?.set(.now() + TimeAmount(exchange.timeouts.firstByte))

        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenSuccess {
            if self.exchange === exchange { self.requestIsWritten = true }
        }
        // The flush may find the server gone and close the channel before it returns: from there
        // on, the exchange is over.
        context.write(wrapOutboundOut(.head(exchange.head)), promise: nil)
        if exchange.requestBody.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(exchange.requestBody))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
        releaseRead()
        return true
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let exchange else { return close() }
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard head.status != .switchingProtocols else {
                return fail(.malformedResponse("it switches protocols unasked"))
            }
            if let fault = head.framingFault { return fail(.malformedResponse(fault)) }
            hasHead = true
            keepsAlive = head.isKeepAlive
            awaitPart(of: exchange)
            exchange.deliver(.head(head))
        case .body(let part):
            isPaused = !exchange.deliver(part)
            awaitPart(of: exchange)
        case .end:
            recycle(context)
            exchange.complete()
        }
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
        let wasWritten = exchange == nil || requestIsWritten
        let survives = exchange == nil || keepsAlive
        exchange = nil
        isPaused = false
        releaseRead()
        // Flushing or reading may have closed the channel under us: never pool a dead one.
        guard wasWritten, survives, context.channel.isActive else { return close() }
        isPooled = true
        timer?.set(.now() + TimeAmount(limits.idleExpiry))
        if !pool.put(bound(context), for: endpoint) { close() }
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
        exchange.take()?.fail(hasHead ? .truncated : .closedBeforeResponse)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let opening = opening.take() {
            opening.fail(.tlsFailed(endpoint: endpoint, reason: tlsFailureText(error)))
            return close()
        }
        switch error {
        case HTTPParserError.invalidEOFState:
            fail(.truncated)
        case HTTPParserError.headerOverflow:
            fail(.malformedResponse("its head is larger than \(limits.maxHeaderBytes) bytes"))
        case is HTTPParserError, is NIOHTTPDecoderError:
            fail(.malformedResponse("its framing is broken"))
        default:
            // The socket failed, or TLS ended without its closing message: whatever was not whole
            // by then is cut short.
            fail(hasHead ? .truncated : .closedBeforeResponse)
        }
    }

    private func fail(_ error: ClientError) {
        exchange.take()?.fail(error)
        close()
    }

    private func deadlinePassed() {
        guard let exchange, let context else { return close() }
        let timeouts = exchange.timeouts
        // What has arrived but was not yet read is our own delay, not the server's.
        if case .some = PendingBytes(waitingAt: context.channel) {
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
        return "the server's certificate is not signed by a trusted authority, or is not valid"
    }
    if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname {
        return "the server's certificate is for another host"
    }
    return text
}
