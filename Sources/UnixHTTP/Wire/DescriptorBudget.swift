import Glibc
import NIOCore
import Synchronization

/// How many sockets this process may still open, servers' and clients' together.
///
/// Running out of file descriptors must not happen at all: libdispatch, under Swift's concurrency,
/// ends the process when it cannot open its own files in `/proc`. So connections are refused while
/// some descriptors are still free.
public final class DescriptorBudget: Sendable {
    /// The budget of this process: its soft limit (`RLIMIT_NOFILE`) less a reserve.
    static let process = DescriptorBudget { softLimit }

    /// For everything that is not a connection: databases, event loops, look-ups, `/proc`.
    static let reserve = 96

    private let limit: @Sendable () -> Int
    private let open = Atomic(0)

    init(limit: @escaping @Sendable () -> Int) {
        self.limit = limit
    }

    /// How many more sockets may be opened.
    var free: Int { limit() - DescriptorBudget.reserve - open.load(ordering: .relaxed) }

    /// Counts a channel's socket until it is closed.
    func count(_ channel: any Channel) {
        open.add(1, ordering: .relaxed)
        channel.closeFuture.whenComplete { _ in self.open.subtract(1, ordering: .relaxed) }
    }

    /// Raises the process's soft limit to its hard limit, for as many connections as the system
    /// allows.
    ///
    /// The soft limit is 1024 by default only for the sake of select(2), which is not used here.
    /// A daemon calls this once, when it starts.
    public static func raiseLimit() {
        var limits = rlimit()
        // Both calls read or write the one structure that they are given.
        guard unsafe getrlimit(resource, &limits) == 0 else { return }
        limits.rlim_cur = limits.rlim_max
        _ = unsafe setrlimit(resource, &limits)
    }

    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

    private static var softLimit: Int {
        var limits = rlimit()
        // getrlimit(2) fills in the one structure that it is given.
        guard unsafe getrlimit(resource, &limits) == 0 else { return 1024 }
        return Int(clamping: limits.rlim_cur)
    }
}
