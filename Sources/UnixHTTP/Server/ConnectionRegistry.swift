import NIOCore
import Synchronization

/// The open connections of a server, counted by user.
final class ConnectionRegistry: Sendable {
    struct Entry: Sendable {
        let channel: any Channel
        let control: ConnectionControl
        let assembler: NIOLoopBound<RequestAssembler>
        let uid: UInt32
    }

    enum Admission {
        case admitted
        /// To be told why it is not served.
        case refused(RequestFault)
        /// There are so many that telling would cost too much.
        case dropped
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        /// Of those that are admitted and of those that are open.
        var countsByUID: [UInt32: Int] = [:]
        var count = 0
        var isDraining = false
        var isClosed = false
        var waitersForEnd: [CheckedContinuation<Void, Never>] = []

        /// Counts one out; returns who waits for the last one to go, where it was that.
        mutating func leave(_ uid: UInt32) -> [CheckedContinuation<Void, Never>] {
            if let ofUser = countsByUID[uid] { countsByUID[uid] = ofUser > 1 ? ofUser - 1 : nil }
            count -= 1
            guard count == 0 else { return [] }
            defer { waitersForEnd = [] }
            return waitersForEnd
        }
    }

    private let limits: ServerLimits
    private let budget: DescriptorBudget
    private let state = Mutex(State())

    init(limits: ServerLimits, budget: DescriptorBudget = .process) {
        self.limits = limits
        self.budget = budget
    }

    /// How many connections are open, by uid.
    var countsByUID: [UInt32: Int] { state.withLock { $0.countsByUID } }

    /// Whether one more connection of this uid is served; it counts from then on, unless it is dropped.
    func admission(of uid: UInt32) -> Admission {
        let free = budget.free
        return state.withLock { state in
            // Those that are not open yet have their descriptors too.
            let opening = state.count - state.entries.count
            let admission = admission(of: uid, state, free: free - opening)
            if case .dropped = admission { return admission }
            state.countsByUID[uid, default: 0] += 1
            state.count += 1
            return admission
        }
    }

    private func admission(of uid: UInt32, _ state: State, free: Int) -> Admission {
        let ofUser = state.countsByUID[uid] ?? 0
        // The refused ones hold a descriptor while they are being told: as many again at most.
        if ofUser >= 2 * limits.maxConnectionsPerUser { return .dropped }
        if state.count >= limits.maxConnections + 64 || free < 16 { return .dropped }
        if ofUser >= limits.maxConnectionsPerUser {
            return .refused(.tooManyConnectionsOfUser(limit: limits.maxConnectionsPerUser))
        }
        if state.count >= limits.maxConnections {
            return .refused(.tooManyConnections(limit: limits.maxConnections))
        }
        // A connection that is served may need another to a backend; those that are open
        // already come first.
        if free < 32 { return .refused(.tooManyConnections(limit: state.count)) }
        return .admitted
    }

    /// Keeps an admitted connection that is open.
    func insert(_ entry: Entry) {
        budget.count(entry.channel)
        let (isDraining, isClosed) = state.withLock { state in
            state.entries[ObjectIdentifier(entry.control)] = entry
            return (state.isDraining, state.isClosed)
        }
        if isDraining { entry.drain() }
        if isClosed { entry.close() }
    }

    func remove(_ entry: Entry) {
        let waiters = state.withLock { state in
            state.entries[ObjectIdentifier(entry.control)] = nil
            return state.leave(entry.uid)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Counts out an admitted connection that never came to be.
    func giveUp(_ uid: UInt32) {
        for waiter in state.withLock({ $0.leave(uid) }) { waiter.resume() }
    }

    /// Waits until the last connection has ended.
    func waitUntilEmpty() async {
        await withCheckedContinuation { waiter in
            let isEmpty = state.withLock { state in
                if state.count > 0 { state.waitersForEnd.append(waiter) }
                return state.count == 0
            }
            if isEmpty { waiter.resume() }
        }
    }

    /// Lets every connection end after its running exchange, and idle ones now.
    func drain() {
        let entries = state.withLock { state in
            state.isDraining = true
            return Array(state.entries.values)
        }
        for entry in entries { entry.drain() }
    }

    /// Cancels every exchange and closes every connection.
    func closeAll() {
        let entries = state.withLock { state in
            state.isClosed = true
            return Array(state.entries.values)
        }
        for entry in entries { entry.close() }
    }
}

extension ConnectionRegistry.Entry {
    func drain() {
        control.drain()
        channel.eventLoop.execute { assembler.value.drain() }
    }

    func close() {
        control.cancel()
        channel.close(promise: nil)
    }
}
