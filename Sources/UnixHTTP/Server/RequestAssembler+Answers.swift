import NIOCore

// How answers leave a connection, and how it closes after the last.

extension RequestAssembler {
    /// A part of an answer that waits until the client has read on, and who waits for that.
    struct DelayedPart {
        let part: OutboundPart
        let waiter: CheckedContinuation<Bool, Never>
    }

    /// Writes a part where the client keeps up.
    ///
    /// - Returns: whether it was written, which it cannot be when the client has gone; nil where it
    ///   has to wait.
    func put(_ part: OutboundPart) -> Bool? {
        guard let context, context.channel.isActive else { return false }
        guard context.channel.isWritable, delayed.isEmpty else { return nil }
        write(part, context)
        return true
    }

    /// Writes a part now, or when the client has read on; then resumes whoever waits.
    func put(_ part: OutboundPart, resuming waiter: CheckedContinuation<Bool, Never>) {
        if let written = put(part) {
            waiter.resume(returning: written)
        } else {
            delayed.append(DelayedPart(part: part, waiter: waiter))
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        while context.channel.isWritable, let next = delayed.popFirst() {
            write(next.part, context)
            next.waiter.resume(returning: true)
        }
        context.fireChannelWritabilityChanged()
    }

    func failDelayed() {
        while let next = delayed.popFirst() { next.waiter.resume(returning: false) }
    }

    private func write(_ part: OutboundPart, _ context: ChannelHandlerContext) {
        switch part {
        case .more(let bytes):
            context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        case .last(let bytes, let next):
            noteAnswered()
            if next == .close || unanswered == 0 && control.isDraining {
                phase = .closed
                let written = context.eventLoop.makePromise(of: Void.self)
                written.futureResult.assumeIsolated().whenComplete { _ in self.closeAnswered() }
                context.writeAndFlush(wrapOutboundOut(bytes), promise: written)
            } else {
                context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
                awaitNextRequest(context)
            }
        case .close:
            closeOnceFlushed(context)
        }
    }

    private func awaitNextRequest(_ context: ChannelHandlerContext) {
        sendOwedContinue(context)
        lastArrival = .now()
        // What came in while the answer was on its way had no clock running.
        if headDeadline != nil { headDeadline = lastArrival + TimeAmount(limits.headerTimeout) }
        scheduleDeadline()
        releaseRead()
    }

    func sendOwedContinue(_ context: ChannelHandlerContext) {
        // Before the answers to earlier requests it would be taken for one of them.
        guard oweContinue, unanswered == 0 else { return }
        oweContinue = false
        let bytes = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    func closeOnceFlushed(_ context: ChannelHandlerContext) {
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
        if !hasFaulted, let socket, case .none = PendingBytes(at: socket) {
            return context.close(promise: nil)
        }
        isLingering = true
        timer?.set(.now() + TimeAmount(limits.lingerTimeout))
        context.close(mode: .output, promise: nil)
        context.read()
    }
}
