import Foundation
import Glibc
import PrefAPI

/// What every exporter says of its own process.
///
/// Source: Prometheus, Writing client libraries, "Process metrics".
enum ProcessFigures {
    static func families() -> [MetricFamily] {
        var families: [MetricFamily] = []
        func add(_ name: String, _ help: String, _ kind: MetricFamily.Kind, _ value: Double?) {
            guard let value else { return }
            families.append(
                MetricFamily(name: name, help: help, kind: kind, samples: [.init(value: value)])
            )
        }
        let stat = Stat()
        add(
            "process_cpu_seconds_total",
            "User and system CPU time, in seconds.",
            .counter,
            stat?.cpuSeconds
        )
        add(
            "process_resident_memory_bytes",
            "Resident memory, in bytes.",
            .gauge,
            stat?.residentBytes
        )
        add(
            "process_start_time_seconds",
            "When the process started, in seconds since 1970.",
            .gauge,
            stat?.startSeconds
        )
        let descriptors = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        add(
            "process_open_fds",
            "Open file descriptors.",
            .gauge,
            (descriptors?.count).map(Double.init)
        )
        add("process_max_fds", "How many there may be.", .gauge, maxDescriptors)
        return families
    }

    /// The limit on open files, as getrlimit(2) takes it.
    static let descriptorResource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

    private static var maxDescriptors: Double? {
        var limit = rlimit()
        // SAFETY: getrlimit writes one rlimit, and the pointer is to one that outlives the call.
        guard unsafe getrlimit(descriptorResource, &limit) == 0 else { return nil }
        return Double(limit.rlim_cur)
    }

    /// The fields of proc_pid_stat(5) that are told.
    private struct Stat {
        let cpuSeconds: Double
        let residentBytes: Double
        let startSeconds: Double?

        init?() {
            guard let text = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
                let end = text.lastIndex(of: ")")
            else { return nil }
            // What follows the program's name begins with the third field.
            let fields = text[text.index(after: end)...].split(separator: " ").map { Double($0) }
            guard fields.count > 21, let user = fields[11], let system = fields[12],
                let start = fields[19], let pages = fields[21]
            else { return nil }
            let ticks = Double(sysconf(CInt(_SC_CLK_TCK)))
            cpuSeconds = (user + system) / ticks
            residentBytes = pages * Double(sysconf(CInt(_SC_PAGESIZE)))
            startSeconds = Self.bootSeconds.map { $0 + start / ticks }
        }

        private static let bootSeconds: Double? = {
            guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8),
                let line = text.split(separator: "\n").first(where: { $0.hasPrefix("btime ") })
            else { return nil }
            return Double(line.dropFirst(6))
        }()
    }
}
