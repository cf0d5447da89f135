import CPeerCred

/// Who connected to a Unix socket, on the kernel's word (`SO_PEERCRED`, unix(7)).
///
/// The values were recorded when the peer called connect(2), and do not change after.
public struct PeerCredentials: Sendable, Hashable {
    /// The effective user id, which is what authorization goes by.
    public let uid: UInt32
    /// The effective group id.
    public let gid: UInt32
    /// The process id: advisory only, since the kernel may give it to another process later.
    public let pid: Int32

    /// Names a peer by its ids, for callers that learnt them elsewhere and for tests.
    public init(uid: UInt32, gid: UInt32, pid: Int32) {
        self.uid = uid
        self.gid = gid
        self.pid = pid
    }

    /// Asks the kernel about a connected Unix socket; nil where it cannot tell.
    init?(descriptor: CInt) {
        var uid: UInt32 = 0
        var gid: UInt32 = 0
        var pid: Int32 = 0
        // The C function writes these three and keeps no pointer.
        guard unsafe cpeercred_get(descriptor, &uid, &gid, &pid) == 0 else { return nil }
        self.init(uid: uid, gid: gid, pid: pid)
    }
}
