import Foundation
import PrefConfig
import PrefPipeline
import UnixHTTP

/// Finds out which app a peer is, when its connection arrives.
///
/// The uid is the kernel's. Executable and unit are read from `/proc` by a pid that may since belong
/// to another process: they are for telling apps apart, and for trusting one only beside its uid.
enum PeerApp {
    /// The peer as the steps of an exchange know it.
    static func identify(_ credentials: PeerCredentials, among configuration: Configuration) -> Peer
    {
        let executable = executable(of: credentials.pid)
        let unit = unit(of: credentials.pid)
        if let app = configuration.app(uid: credentials.uid, executable: executable, unit: unit) {
            let sources =
                app.delegate ? app.userFrom.compactMap { EndUserSource(rawValue: $0.rawValue) } : []
            return Peer(uid: credentials.uid, app: app.name, delegation: sources)
        }
        let name =
            unit
            ?? executable.map {
                String($0[($0.lastIndex(of: "/").map($0.index(after:)) ?? $0.startIndex)...])
            }
        return Peer(uid: credentials.uid, app: name ?? "unknown")
    }

    private static func executable(of pid: Int32) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/exe")
    }

    /// The innermost service unit of the peer's control group.
    private static func unit(of pid: Int32) -> String? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/cgroup") else {
            return nil
        }
        return unit(inControlGroups: String(decoding: data, as: UTF8.self))
    }

    /// Reads `/proc/PID/cgroup` (cgroups(7)): the unified hierarchy's line, or systemd's own.
    ///
    /// System units only: a user's own manager lets them name a unit of theirs as they like.
    static func unit(inControlGroups text: String) -> String? {
        let lines = text.split(separator: "\n")
        let line =
            lines.first { $0.hasPrefix("0::") && $0 != "0::/" }
            ?? lines.first { $0.contains(":name=systemd:") }
        let parts = line?.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard let path = parts?.last else { return nil }
        let names = path.split(separator: "/")
        guard names.first == "system.slice" else { return nil }
        return names.last { $0.hasSuffix(".service") }.map(String.init)
    }
}
