import NIOCore
import Synchronization

/// Shares an event loop's thread out among users, so that one person's flood stays their own.
///
/// An event loop runs its tasks in the order in which they come, all of them before it looks at its
/// sockets again: behind hundreds of one user's requests, another one's would not even be read.
final class FairLoop: Sendable {
    private enum Work: Sendable {
        case job(UnownedJob, of: UserExecutor)
        case closure(@Sendable () -> Void)
    }

    private struct State {
        var shares = FairShares<Work>()
        var isScheduled = false
    }

    /// How long users' work goes on before the loop looks at its sockets.
    private static let stretch = TimeAmount.microseconds(500)
    /// What is to run later than now is what makes the loop look at them.
    private static let look = TimeAmount.microseconds(20)

    let eventLoop: any EventLoop
    private let state = Mutex(State())

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Runs Swift tasks of a user on the loop's own thread, when it is their turn.
    func executor(for uid: UInt32) -> UserExecutor { UserExecutor(self, uid) }

    /// Runs something for a user on the loop's thread, when it is their turn.
    func execute(for uid: UInt32, _ body: @escaping @Sendable () -> Void) {
        add(.closure(body), of: uid)
    }

    fileprivate func enqueue(_ job: UnownedJob, of executor: UserExecutor) {
        add(.job(job, of: executor), of: executor.uid)
    }

    private func add(_ work: Work, of uid: UInt32) {
        let isFirst = state.withLock { state in
            state.shares.add(work, of: uid)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if isFirst { eventLoop.execute { self.run() } }
    }

    private func run() {
        var before = NIODeadline.now()
        let end = before + Self.stretch
        var ran: (uid: UInt32, nanoseconds: Int64)?
        while before < end {
            // What the last turn took is paid for where the next one is given.
            let next = state.withLock { state in
                if let ran { state.shares.charge(ran.uid, nanoseconds: ran.nanoseconds) }
                let next = state.shares.next()
                if next == nil { state.isScheduled = false }
                return next
            }
            guard let next else { return }
            switch next.work {
            // Each job that was taken out is run exactly once, right here: that makes the unowned
            // reference sound.
            case .job(let job, let executor):
                unsafe job.runSynchronously(on: executor.asUnownedTaskExecutor())
            case .closure(let body): body()
            }
            let after = NIODeadline.now()
            ran = (next.uid, (after - before).nanoseconds)
            before = after
        }
        if let ran { state.withLock { $0.shares.charge(ran.uid, nanoseconds: ran.nanoseconds) } }
        eventLoop.scheduleTask(in: Self.look) { self.run() }
    }
}

/// Runs Swift tasks of one user on an event loop's own thread.
///
/// A task that prefers this executor meets its sockets without crossing threads: reading,
/// handling and writing a chunk then cost no wake-up.
final class UserExecutor: TaskExecutor {
    private let loop: FairLoop
    fileprivate let uid: UInt32

    fileprivate init(_ loop: FairLoop, _ uid: UInt32) {
        self.loop = loop
        self.uid = uid
    }

    func enqueue(_ job: consuming ExecutorJob) {
        loop.enqueue(UnownedJob(job), of: self)
    }
}
