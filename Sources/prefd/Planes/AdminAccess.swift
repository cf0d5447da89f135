import Glibc
import UnixHTTP

/// Who may use the admin socket: uid 0, the service's own user, and members of `prefd-admin`.
enum AdminAccess {
    private static let groupName = "prefd-admin"

    /// Whether the kernel's word on a peer is enough.
    static func admits(_ peer: PeerCredentials) -> Bool {
        peer.uid == 0 || peer.uid == geteuid() || isMember(uid: peer.uid, primaryGroup: peer.gid)
    }

    /// Asks the user database, since the kernel tells only the primary group of a peer.
    private static func isMember(uid: uid_t, primaryGroup: gid_t) -> Bool {
        guard let admins = GroupDatabase.gid(of: groupName) else { return false }
        return primaryGroup == admins
            || GroupDatabase.groups(of: uid, primary: primaryGroup).contains(admins)
    }
}

/// The parts of getgrnam_r(3), getpwuid_r(3) and getgrouplist(3) that are needed, without the
/// static buffers of their older forms.
enum GroupDatabase {
    private static let bufferBytes = 64 << 10

    static func gid(of name: String) -> gid_t? {
        var entry = unsafe group()
        var result: UnsafeMutablePointer<group>?
        var buffer = [CChar](repeating: 0, count: bufferBytes)
        // The entry points into `buffer`; only its number is read, before either goes.
        guard unsafe getgrnam_r(name, &entry, &buffer, buffer.count, &result) == 0,
            unsafe result != nil
        else {
            return nil
        }
        return unsafe entry.gr_gid
    }

    static func groups(of uid: uid_t, primary: gid_t) -> [gid_t] {
        var entry = unsafe passwd()
        var result: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: bufferBytes)
        // The entry's name points into `buffer`, which outlives its use below.
        guard unsafe getpwuid_r(uid, &entry, &buffer, buffer.count, &result) == 0,
            unsafe result != nil,
            let name = unsafe entry.pw_name
        else { return [] }
        var count: CInt = 256
        var groups = [gid_t](repeating: 0, count: Int(count))
        // Writes at most `count` groups and says how many there are.
        guard unsafe getgrouplist(name, primary, &groups, &count) >= 0 else { return [] }
        return Array(groups.prefix(Int(count)))
    }
}
