import NIOCore

// How long a connection is waited for.

extension RequestAssembler {
    func scheduleDeadline() {
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

    func deadlinePassed() {
        guard let context else { return }
        if isLingering { return context.close(promise: nil) }
        // What has arrived but was not yet read is our own delay, not the client's.
        if headDeadline == nil, let socket, case .some = PendingBytes(at: socket) {
            lastArrival = .now()
            return scheduleDeadline()
        }
        switch phase {
        case .awaitingHead where headDeadline == nil:
            closeOnceFlushed(context)
        case .awaitingHead:
            fail(.timedOut, head: nil)
        case .receiving(let head, _):
            fail(.timedOut, head: head)
        case .closed:
            break
        }
    }
}
