import CSecretMemory
import Glibc
import UnixHTTP

/// What the process asks of the kernel for itself before it holds anything worth protecting.
enum ProcessLimits {
    /// Keeps people's data in this process, and lets it have many connections.
    ///
    /// Core dumps have nothing of keys and data, nor are files made that others can read; as many
    /// connections are allowed as the administrator's hard limit does. A crash ends the process at once.
    static func apply() {
        // Nothing here can fail for a process that changes only itself; where a kernel refuses all the
        // same, the unit's LimitCORE=0 and UMask= still hold.
        _ = csecret_forbid_dumping()
        // Swift's runtime answers a crash by having another program read this process, which is forbidden
        // here, and waits for it: prefd would stand still instead of ending and being started again.
        for crash in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] {
            _ = signal(crash, SIG_DFL)
        }
        umask(0o077)
        DescriptorBudget.raiseLimit()
    }
}
