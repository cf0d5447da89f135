import CSecretMemory
import Glibc
import UnixHTTP

/// What the process asks of the kernel for itself before it holds anything worth protecting.
enum ProcessLimits {
    /// Keeps keys and people's data out of core dumps and files others can read, and allows as many
    /// connections as the administrator's hard limit does.
    static func apply() {
        // Nothing here can fail for a process that changes only itself; where a kernel refuses all the
        // same, the unit's LimitCORE=0 and UMask= still hold.
        _ = csecret_forbid_dumping()
        umask(0o077)
        DescriptorBudget.raiseLimit()
    }
}
