import Foundation
import Glibc

/// How much memory this process may have.
enum MemoryAllowance {
    /// What its control group, or one above it, is limited to (`MemoryMax=`), and at most half of the
    /// machine's.
    static var bytes: Int {
        let half = sysconf(CInt(_SC_PHYS_PAGES)) / 2 * sysconf(CInt(_SC_PAGESIZE))
        let groups = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
        return groups.split(separator: "\n").flatMap(limits).reduce(half, min)
    }

    /// The limits of one line of `/proc/self/cgroup` (cgroups(7)): `0::/PATH`, or `N:memory:/PATH` of
    /// version 1.
    private static func limits(_ line: Substring) -> [Int] {
        let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return [] }
        let (mount, file): (String, String)
        switch parts[1] {
        case "": (mount, file) = ("/sys/fs/cgroup", "memory.max")
        case "memory": (mount, file) = ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
        default: return []
        }
        var found: [Int] = []
        var group = parts[2]
        while group.count > 1 {
            let text = try? String(contentsOfFile: "\(mount)\(group)/\(file)", encoding: .utf8)
            // "max" is none.
            if let limit = Int(text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "") {
                found.append(limit)
            }
            group = group[..<(group.lastIndex(of: "/") ?? group.startIndex)]
        }
        return found
    }
}
