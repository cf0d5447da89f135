import NIOCore
import NIOHTTP1

/// Frames one connection: bytes become whole requests, answers become bytes, and the connection
/// closes when its rules (RFC 9112 section 9) say so.
///
/// Nothing leaves it before the end of a request has been read and found valid. It belongs to its
/// event loop; the task that serves the connection runs there too, so nothing here crosses threads.
final class RequestAssembler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    enum Phase {
        case awaitingHead
        case receiving(RequestHead, keepsAlive: Bool)
        /// No request follows: what still arrives is dropped.
        case closed
    }

    let limits: ServerLimits
    let control: ConnectionControl
    private let bodies: BodyBudget
    private let peer: PeerCredentials
    /// Why nothing is served here, on a connection over a limit.
    private let refusal: RequestFault?

    var context: ChannelHandlerContext?
    var socket: PeekableSocket?
    var phase = Phase.awaitingHead
    private var heads: HeadReader
    private var reader: BodyReader
    /// What has arrived and was not yet read.
    private var unread = ByteBuffer()
    private var body = ByteBuffer()
    private var isAtEnd = false
    /// How much of the budget the body that is being received has, and those of requests that are not
    /// yet answered, the oldest first.
    private var taken = 0
    private var takenByUnanswered = CircularBuffer<Int>()

    // Handing over.
    /// The request that waits until the one before it is answered.
    private var waitingEvent: InboundEvent?
    private var eventWaiter: CheckedContinuation<InboundEvent?, Never>?
    /// Requests handed on and not yet answered.
    var unanswered = 0
    private var bytesReadAhead = 0
    private var heldRead = false
    /// Whether the client has sent anything yet.
    private var hasAsked = false

    // Answering: see RequestAssembler+Answers.swift.
    var delayed = CircularBuffer<DelayedPart>()
    var oweContinue = false
    var hasFaulted = false
    var isLingering = false

    // Deadlines: see RequestAssembler+Deadlines.swift.
    var timer: DeadlineTimer?
    /// When the head that is being received must be whole; nil while none is.
    var headDeadline: NIODeadline?
    var lastArrival = NIODeadline.now()

    init(
        limits: ServerLimits,
        bodies: BodyBudget,
        peer: PeerCredentials,
        control: ConnectionControl,
        refusal: RequestFault?
    ) {
        self.limits = limits
        self.bodies = bodies
        self.peer = peer
        self.control = control
        self.refusal = refusal
        heads = HeadReader(maxBytes: limits.maxHeaderBytes, maxFields: limits.maxHeaderFields)
        reader = BodyReader(.length(0), trailer: heads)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        socket = PeekableSocket(of: context.channel)
        timer = DeadlineTimer(eventLoop: context.eventLoop) { self.deadlinePassed() }
        scheduleDeadline()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.invalidate()
        timer = nil
        socket = nil
        // A connection that ends before it was ever active gets no other sign of it.
        leave()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.invalidate()
        leave()
        context.fireChannelInactive()
    }

    /// Nothing comes or goes any more: whoever waits for that is told.
    private func leave() {
        phase = .closed
        control.peerLeft()
        context = nil
        waitingEvent = nil
        bodies.give(takenByUnanswered.reduce(taken, +), for: peer.uid)
        taken = 0
        takenByUnanswered.removeAll()
        endEvents()
        failDelayed()
    }

    /// Stops after the running exchange, or now where none is running.
    func drain() {
        control.drain()
        guard hasAsked else {
            // Whoever has just connected is about to ask, and is answered.
            timer?.set(.now() + TimeAmount(limits.firstRequestTimeout))
            return
        }
        guard let context, unanswered == 0, headDeadline == nil, case .awaitingHead = phase,
            // A request that is already on its way is still served.
            let socket, case .none = PendingBytes(at: socket)
        else { return }
        closeOnceFlushed(context)
    }
}

// MARK: - Requests in

extension RequestAssembler {
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        lastArrival = .now()
        hasAsked = true
        if unanswered > 0 { bytesReadAhead += bytes.readableBytes }
        if case .closed = phase { return }
        if unread.readableBytes == 0 { unread = bytes } else { unread.writeBuffer(&bytes) }
        readOn(context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        scheduleDeadline()
        // Those who asked for reads before have stopped asking.
        if isLingering { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent {
            isAtEnd = true
            readOn(context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Errors of the socket close the channel by themselves.
    }

    /// Reads requests until one has to wait for the one before it.
    private func readOn(_ context: ChannelHandlerContext) {
        do throws(WireFault) {
            while waitingEvent == nil, unread.readableBytes > 0 {
                switch phase {
                case .awaitingHead:
                    if headDeadline == nil {
                        headDeadline = lastArrival + TimeAmount(limits.headerTimeout)
                    }
                    guard let (head, framing) = try heads.request(from: &unread) else {
                        return endIfAtEnd(context)
                    }
                    headDeadline = nil
                    begin(head, framing, context)
                case .receiving(let head, let keepsAlive):
                    append(try reader.read(from: &unread), of: head, context)
                    guard case .receiving = phase else { return }
                    guard reader.isDone else { return endIfAtEnd(context) }
                    end(head, keepsAlive: keepsAlive)
                case .closed:
                    unread.clear()
                }
            }
            if waitingEvent == nil { endIfAtEnd(context) }
        } catch {
            if case .receiving(let head, _) = phase {
                fail(RequestFault(error, limits: limits), head: head)
            } else {
                fail(RequestFault(error, limits: limits), head: nil)
            }
        }
    }

    private func begin(
        _ head: RequestHead,
        _ framing: FramingFields,
        _ context: ChannelHandlerContext
    ) {
        if let fault = refusal ?? head.fault(framing, under: limits) {
            return fail(fault, head: head)
        }
        let keepsAlive = head.keepsAlive(framing)
        let length = framing.length ?? 0
        reader = BodyReader(framing.isChunked ? .chunked : .length(length), trailer: heads)
        if reader.isDone { return end(head, keepsAlive: keepsAlive) }
        // What was declared is taken at once: of many that come together, those that are let in get done.
        guard takes(length) else { return fail(.tooManyBytesInHand, head: head) }
        phase = .receiving(head, keepsAlive: keepsAlive)
        // What was declared is not yet sent: reserve no more than a client could make us waste,
        // and let the buffer double from there.
        if length > unread.readableBytes {
            body = context.channel.allocator.buffer(capacity: min(length, 1 << 18))
        }
        if head.expectsContinue(framing) {
            oweContinue = true
            sendOwedContinue(context)
        }
    }

    private func append(_ part: ByteBuffer, of head: RequestHead, _ context: ChannelHandlerContext)
    {
        guard body.readableBytes + part.readableBytes <= limits.maxBodyBytes else {
            return fail(.bodyTooLarge(limitBytes: limits.maxBodyBytes), head: head)
        }
        guard takes(body.readableBytes + part.readableBytes) else {
            return fail(.tooManyBytesInHand, head: head)
        }
        if body.readableBytes == 0, reader.isDone {
            body = part
        } else {
            body.writeImmutableBuffer(part)
        }
    }

    /// Has as much of the budget as a body of so many bytes takes; false where that is not to be had.
    private func takes(_ bytes: Int) -> Bool {
        let more = bytes - BodyBudget.uncountedBytes - taken
        guard more > 0 else { return true }
        guard bodies.take(more, for: peer.uid) else { return false }
        taken += more
        return true
    }

    private func end(_ head: RequestHead, keepsAlive: Bool) {
        phase = keepsAlive ? .awaitingHead : .closed
        let request = HTTPRequest(head: head, body: body, peer: peer)
        body = ByteBuffer()
        takenByUnanswered.append(taken)
        taken = 0
        handOver(.request(request, keepsAlive: keepsAlive))
    }

    func fail(_ fault: RequestFault, head: RequestHead?) {
        if case .closed = phase { return }
        phase = .closed
        headDeadline = nil
        hasFaulted = true
        oweContinue = false
        body = ByteBuffer()
        unread.clear()
        bodies.give(taken, for: peer.uid)
        taken = 0
        takenByUnanswered.append(0)
        handOver(.fault(fault, head: head))
        releaseRead()
    }

    /// The client has said all it will: what it began and did not end is refused.
    private func endIfAtEnd(_ context: ChannelHandlerContext) {
        guard isAtEnd else { return }
        switch phase {
        case .receiving(let head, _):
            fail(.malformed("the connection ended inside the request"), head: head)
        case .awaitingHead where unread.readableBytes > 0:
            fail(.malformed("the connection ended inside the request"), head: nil)
        case .awaitingHead, .closed:
            endEvents()
        }
    }
}

// MARK: - Handing over

extension RequestAssembler {
    /// Waits for the next request; nil when none can follow.
    func nextEvent() async -> InboundEvent? {
        if waitingEvent == nil, !isAtEnd, context != nil {
            return await withCheckedContinuation { eventWaiter = $0 }
        }
        let event = waitingEvent.take()
        if let context, event != nil {
            readOn(context)
            releaseRead()
        }
        return event
    }

    private func handOver(_ event: InboundEvent) {
        unanswered += 1
        if let waiter = eventWaiter.take() {
            waiter.resume(returning: event)
        } else {
            waitingEvent = event
        }
    }

    private func endEvents() {
        eventWaiter.take()?.resume(returning: nil)
    }

    /// One request waits while another is served; what else there is stays with the kernel.
    func read(context: ChannelHandlerContext) {
        if !hasFaulted, waitingEvent != nil || bytesReadAhead >= limits.readAheadBytes {
            heldRead = true
        } else {
            context.read()
        }
    }

    func releaseRead() {
        guard heldRead else { return }
        heldRead = false
        if let context { read(context: context) }
    }

    /// Notes that the oldest request was answered.
    func noteAnswered() {
        unanswered -= 1
        bytesReadAhead = 0
        if let oldest = takenByUnanswered.popFirst() { bodies.give(oldest, for: peer.uid) }
    }
}
