import NIOCore
import NIOHTTP1

/// Frames one connection: parts of requests become whole requests, answers become bytes, and the
/// connection closes when its rules (RFC 9112 section 9) say so.
///
/// Nothing leaves it before the end of a request has been read and found valid.
final class RequestAssembler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = InboundEvent
    typealias OutboundIn = OutboundPart
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case awaitingHead
        case receiving(RequestHead, keepsAlive: Bool)
        /// No request follows: what still arrives is dropped.
        case closed
    }

    private let limits: ServerLimits
    private let peer: PeerCredentials
    private let control: ConnectionControl
    /// Why nothing is served here, on a connection over a limit.
    private let refusal: RequestFault?

    private var context: ChannelHandlerContext?
    private var timer: DeadlineTimer?
    private var phase = Phase.awaitingHead
    private var body = ByteBuffer()
    /// When the head that is being received must be whole; nil while none is.
    private var headDeadline: NIODeadline?
    private var lastArrival = NIODeadline.now()
    /// Requests handed on and not yet answered.
    private var unanswered = 0
    private var bytesReadAhead = 0
    private var heldRead = false
    private var oweContinue = false
    private var hasFaulted = false
    private var isLingering = false

    init(
        limits: ServerLimits,
        peer: PeerCredentials,
        control: ConnectionControl,
        refusal: RequestFault?
    ) {
        self.limits = limits
        self.peer = peer
        self.control = control
        self.refusal = refusal
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timer = DeadlineTimer(eventLoop: context.eventLoop) { self.deadlinePassed() }
        scheduleDeadline()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.invalidate()
        timer = nil
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closed
        timer?.invalidate()
        control.peerLeft()
        context.fireChannelInactive()
    }

    /// Stops after the running exchange, or now where none is running.
    func drain() {
        control.drain()
        guard let context, unanswered == 0, headDeadline == nil, case .awaitingHead = phase,
            // A request that is already on its way is still served.
            case .none = PendingBytes(waitingAt: context.channel)
        else { return }
        closeOnceFlushed(context)
    }
}

// MARK: - Requests in

extension RequestAssembler {
    /// Counts bytes that arrived; false when they are to be dropped.
    func admits(_ count: Int) -> Bool {
        lastArrival = .now()
        if unanswered > 0 { bytesReadAhead += count }
        switch phase {
        case .closed:
            return false
        case .awaitingHead:
            if headDeadline == nil { headDeadline = lastArrival + TimeAmount(limits.headerTimeout) }
            return true
        case .receiving:
            return true
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), phase) {
        case (.head(let head), .awaitingHead):
            headDeadline = nil
            begin(RequestHead(head), keepsAlive: head.isKeepAlive, context)
        case (.body(let chunk), .receiving(let head, _)):
            append(chunk, of: head, context)
        case (.end, .receiving(let head, let keepsAlive)):
            phase = keepsAlive ? .awaitingHead : .closed
            let request = HTTPRequest(head: head, body: body, peer: peer)
            body = ByteBuffer()
            unanswered += 1
            context.fireChannelRead(wrapInboundOut(.request(request, keepsAlive: keepsAlive)))
        default:
            break  // parts of a request that has been refused
        }
    }

    private func begin(_ head: RequestHead, keepsAlive: Bool, _ context: ChannelHandlerContext) {
        if let fault = refusal ?? head.fault(under: limits) {
            return fail(fault, head: head, context)
        }
        phase = .receiving(head, keepsAlive: keepsAlive && !head.endsParsing)
        if head.expectsContinue {
            oweContinue = true
            sendOwedContinue(context)
        }
    }

    private func append(_ chunk: ByteBuffer, of head: RequestHead, _ context: ChannelHandlerContext)
    {
        let length = body.readableBytes + chunk.readableBytes
        guard length <= limits.maxBodyBytes else {
            return fail(.bodyTooLarge(limitBytes: limits.maxBodyBytes), head: head, context)
        }
        if body.readableBytes == 0 {
            let declared = head.headers.declaredLength ?? 0
            if declared <= length { return body = chunk }
            // What was declared is not yet sent: reserve no more than a client could make us
            // waste, and let the buffer double from there.
            body = context.channel.allocator.buffer(capacity: min(declared, max(length, 1 << 18)))
        }
        body.writeImmutableBuffer(chunk)
    }

    private func fail(_ fault: RequestFault, head: RequestHead?, _ context: ChannelHandlerContext) {
        if case .closed = phase { return }
        phase = .closed
        headDeadline = nil
        hasFaulted = true
        oweContinue = false
        body = ByteBuffer()
        unanswered += 1
        context.fireChannelRead(wrapInboundOut(.fault(fault, head: head)))
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Errors of the socket close the channel by themselves; only the parser's need an answer.
        guard error is HTTPParserError else { return }
        if case .receiving(let head, _) = phase {
            fail(RequestFault(error, limits: limits), head: head, context)
        } else {
            fail(RequestFault(error, limits: limits), head: nil, context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        scheduleDeadline()
        // Those who asked for reads before have stopped asking.
        if isLingering { context.read() }
    }

    func read(context: ChannelHandlerContext) {
        if unanswered > 0, bytesReadAhead >= limits.readAheadBytes, !hasFaulted {
            heldRead = true
        } else {
            context.read()
        }
    }
}

// MARK: - Answers out

extension RequestAssembler {
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .more(let bytes):
            context.write(wrapOutboundOut(bytes), promise: promise)
        case .last(let bytes, let next):
            unanswered -= 1
            bytesReadAhead = 0
            var closes = next == .close
            if unanswered == 0, control.isDraining { closes = true }
            if closes {
                phase = .closed
                let written = context.eventLoop.makePromise(of: Void.self)
                written.futureResult.assumeIsolated().whenComplete { _ in self.closeAnswered() }
                context.write(wrapOutboundOut(bytes), promise: written)
            } else {
                context.write(wrapOutboundOut(bytes), promise: promise)
                sendOwedContinue(context)
                lastArrival = .now()
                // What came in while the answer was on its way had no clock running.
                if headDeadline != nil {
                    headDeadline = lastArrival + TimeAmount(limits.headerTimeout)
                }
                scheduleDeadline()
                if heldRead {
                    heldRead = false
                    context.read()
                }
            }
        case .close:
            phase = .closed
            closeOnceFlushed(context)
        }
    }

    private func sendOwedContinue(_ context: ChannelHandlerContext) {
        // Before the answers to earlier requests it would be taken for one of them.
        guard oweContinue, unanswered == 0 else { return }
        oweContinue = false
        let bytes = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    private func closeOnceFlushed(_ context: ChannelHandlerContext) {
        phase = .closed
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in
            self.context?.close(promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
    }

    /// Closes after the last answer, so that the client can read that answer to its end.
    ///
    /// Closing a socket that holds unread bytes resets it, and a client that is still sending
    /// would learn only that: it is read on for a while instead (RFC 9112 section 9.6).
    private func closeAnswered() {
        guard let context else { return }
        if !hasFaulted, case .none = PendingBytes(waitingAt: context.channel) {
            return context.close(promise: nil)
        }
        isLingering = true
        timer?.set(.now() + TimeAmount(limits.lingerTimeout))
        context.close(mode: .output, promise: nil)
        context.read()
    }
}

// MARK: - Deadlines

extension RequestAssembler {
    private func scheduleDeadline() {
        guard !isLingering else { return }
        // While an exchange runs, the client is waiting for us.
        guard unanswered == 0 else { return timer?.set(nil) ?? () }
        switch phase {
        case .awaitingHead:
            timer?.set(headDeadline ?? lastArrival + TimeAmount(limits.keepAliveIdle))
        case .receiving:
            timer?.set(lastArrival + TimeAmount(limits.bodyIdleTimeout))
        case .closed:
            timer?.set(nil)
        }
    }

    private func deadlinePassed() {
        guard let context else { return }
        if isLingering { return context.close(promise: nil) }
        // What has arrived but was not yet read is our own delay, not the client's.
        if headDeadline == nil, case .some = PendingBytes(waitingAt: context.channel) {
            lastArrival = .now()
            return scheduleDeadline()
        }
        switch phase {
        case .awaitingHead where headDeadline == nil:
            closeOnceFlushed(context)
        case .awaitingHead:
            fail(.timedOut, head: nil, context)
        case .receiving(let head, _):
            fail(.timedOut, head: head, context)
        case .closed:
            break
        }
    }
}
