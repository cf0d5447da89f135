import NIOCore

/// One movable deadline of a connection, confined to its event loop.
///
/// Deadlines move with every read, and cancelling in NIO's timer queue is linear in its length:
/// so a later deadline only changes a field, and the timer looks at it when it fires.
final class DeadlineTimer {
    private let eventLoop: any EventLoop
    private var action: (() -> Void)?
    private var deadline: NIODeadline?
    private var scheduled: (at: NIODeadline, timer: Scheduled<Void>)?

    init(eventLoop: any EventLoop, action: @escaping () -> Void) {
        self.eventLoop = eventLoop
        self.action = action
    }

    /// Sets, moves or (with nil) removes the deadline.
    func set(_ deadline: NIODeadline?) {
        self.deadline = deadline
        guard let deadline, action != nil else { return }
        if let scheduled {
            guard deadline < scheduled.at else { return }
            scheduled.timer.cancel()
        }
        schedule(at: deadline)
    }

    /// Releases the action for good, so that no reference cycle survives the connection.
    func invalidate() {
        deadline = nil
        action = nil
        scheduled?.timer.cancel()
        scheduled = nil
    }

    private func schedule(at deadline: NIODeadline) {
        let timer = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.fire() }
        scheduled = (deadline, timer)
    }

    private func fire() {
        scheduled = nil
        guard let deadline else { return }
        guard deadline <= .now() else { return schedule(at: deadline) }
        self.deadline = nil
        action?()
    }
}
