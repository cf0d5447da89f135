import CSecretMemory
import Foundation
import Glibc
import PrefConfig
import PrefControl
import PrefModel
import PrefStore

/// The service's look at itself, for `prefctl doctor`: what only it has the rights to see.
struct SelfInspection {
    let configuration: Configuration
    let report: ConfigReport
    let health: StoreHealth
    let auditDamage: String?
    let writesToJournal: Bool
    let logLevel: LogLevel

    func findings() -> [Finding] {
        [config, key, state, disk, store, audit, journal, descriptors, memory]
    }

    /// The file as it stands now: what a restart would find.
    private var config: Finding {
        let file = report.file ?? "the built-in defaults"
        guard let first = report.problems.first else {
            return Finding(
                "config",
                .ok,
                "\(file): prefd would start with it, rules and topics too"
            )
        }
        let place = [first.line, first.column].compactMap { $0.map(String.init) }
        let more = report.problems.count > 1 ? " (and \(report.problems.count - 1) more)" : ""
        return Finding(
            "config",
            .problem,
            "\(([first.file] + place).joined(separator: ":")): \(first.message)\(more)",
            hint: "What is in force stays until a restart, which would fail. See all of it by "
                + "`prefctl config check` and `prefctl rules lint`."
        )
    }

    private var key: Finding {
        switch configuration.key {
        case .credential(let name):
            return Finding("key", .ok, "the store opened under the credential \(name)")
        case .file(let path):
            guard let file = FileFacts(path) else {
                return Finding(
                    "key",
                    .problem,
                    "the key file \(path) is gone; prefd runs with what it has read",
                    hint:
                        "Put it back before the next restart: without it the store cannot be opened."
                )
            }
            guard file.mode & 0o077 == 0, file.owner == geteuid() else {
                return Finding(
                    "key",
                    .problem,
                    "others than prefd can read or replace the key file \(path) "
                        + "(mode \(file.octal), uid \(file.owner))",
                    hint:
                        "chmod 600 it and give it to prefd's user. Whoever may have read it has the "
                        + "key to the store."
                )
            }
            return Finding("key", .ok, "the store opened under \(path), mode \(file.octal)")
        }
    }

    private var state: Finding {
        let path = configuration.state
        guard let directory = FileFacts(path) else {
            return Finding(
                "state",
                .problem,
                "the directory \(path) is gone",
                hint: "Restore it from a backup, and restart prefd."
            )
        }
        guard directory.mode & 0o077 == 0, directory.owner == geteuid() else {
            return Finding(
                "state",
                .warning,
                "others than prefd can look into \(path) (mode \(directory.octal), uid \(directory.owner))",
                hint:
                    "chmod 700 it: what is in it is encrypted, but its size and times tell something."
            )
        }
        return Finding("state", .ok, "\(path), mode \(directory.octal)")
    }

    private var disk: Finding {
        var system = statvfs()
        // statvfs(3) fills in the one structure that it is given.
        guard unsafe statvfs(configuration.state, &system) == 0 else {
            return Finding("disk", .unseen, "the disk of \(configuration.state) cannot be asked")
        }
        let free = UInt64(system.f_bavail) * UInt64(system.f_frsize)
        let words = "\(free >> 20) MiB are free for \(configuration.state)"
        guard free >= 64 << 20 else {
            return Finding(
                "disk",
                .warning,
                words,
                hint:
                    "Make room: on a full disk prefd goes on to answer, and refuses to keep anything."
            )
        }
        return Finding("disk", .ok, words)
    }

    private var store: Finding {
        let isShared = health.kind == .postgres
        if !health.readable, isShared {
            return Finding(
                "store",
                .problem,
                "its PostgreSQL server cannot be used; requests are answered from memory or without "
                    + "preferences: \(health.lastWriteFailure ?? "no answer")",
                hint: "Look at the server and the way to it; prefd goes on trying."
            )
        }
        if !health.readable {
            return Finding(
                "store",
                .problem,
                "it cannot be read; requests are answered without preferences",
                hint: "See the journal for why, then restore a backup or restart prefd."
            )
        }
        if let failure = health.lastWriteFailure {
            return Finding(
                "store",
                .problem,
                "the last write was refused: \(failure)",
                hint: "Nothing that was acknowledged is lost. Make room, or mend the disk."
            )
        }
        let place = isShared ? "open, on a PostgreSQL server" : "open"
        return Finding("store", .ok, "\(place); something is kept of \(health.users) people")
    }

    private var audit: Finding {
        guard let auditDamage else {
            return Finding(
                "audit",
                .ok,
                "the audit log was at the start where the database knows it"
            )
        }
        return Finding(
            "audit",
            .problem,
            "at the start the audit log was not the one that was written: \(auditDamage)",
            hint:
                "It lies beside the new one as audit.log.broken.N. `prefctl audit verify` says what is "
                + "missing; see docs/STORE.md."
        )
    }

    private var journal: Finding {
        let level = "from level \(logLevel.rawValue) on"
        if writesToJournal { return Finding("journal", .ok, "events go to the journal, \(level)") }
        return Finding(
            "journal",
            .ok,
            "events go to standard error, one line each, \(level): this is no service of systemd's"
        )
    }

    private var descriptors: Finding {
        var limit = rlimit()
        // getrlimit(2) fills in the one structure that it is given.
        guard unsafe getrlimit(ProcessFigures.descriptorResource, &limit) == 0 else {
            return Finding("files", .unseen, "the limit on open files cannot be asked")
        }
        let words = "at most \(limit.rlim_cur) open files"
        // A request takes two: the app's connection and the backend's.
        let wanted = configuration.limits.connectionsPerUser * 2 + 64
        guard limit.rlim_cur >= UInt(wanted) else {
            return Finding(
                "files",
                .warning,
                "\(words), fewer than one user's connections may need (\(wanted))",
                hint: "Raise LimitNOFILE= in the unit, or lower limits.connections_per_user."
            )
        }
        return Finding("files", .ok, words)
    }

    private var memory: Finding {
        guard csecret_may_be_dumped() == 0 else {
            return Finding(
                "memory",
                .warning,
                "a core dump of prefd could hold keys",
                hint: "Set LimitCORE=0 in the unit."
            )
        }
        return Finding("memory", .ok, "not dumped, not readable by others")
    }
}

/// What lstat(2) tells of a file.
private struct FileFacts {
    let mode: mode_t
    let owner: uid_t

    init?(_ path: String) {
        var information = stat()
        // stat(2) fills in the one structure that it is given.
        guard unsafe stat(path, &information) == 0 else { return nil }
        mode = information.st_mode & 0o7777
        owner = information.st_uid
    }

    var octal: String { "0" + String(mode, radix: 8) }
}
