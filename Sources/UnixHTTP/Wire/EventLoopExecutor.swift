import NIOCore

/// Runs Swift tasks on an event loop's own thread.
///
/// A task that prefers this executor meets its sockets without crossing threads: reading,
/// handling and writing a chunk then cost no wake-up.
final class EventLoopExecutor: TaskExecutor {
    let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        // An unowned job is run exactly once, right here: the event loop runs every closure that
        // it accepted, which is the contract that makes the unsafe reference sound.
        let unowned = UnownedJob(job)
        eventLoop.execute {
            unsafe unowned.runSynchronously(on: self.asUnownedTaskExecutor())
        }
    }
}
