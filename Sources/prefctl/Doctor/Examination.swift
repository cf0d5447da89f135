internal import CClock
internal import FoundationEssentials
internal import Glibc
internal import PrefControl

/// What `prefctl doctor` looks at, one after the other, from the outside in.
struct Examination {
    let dataPath: String
    let adminPath: String
    let data: ControlClient
    let admin: ControlClient

    private(set) var findings: [Finding] = []
    /// Whether prefd answered on the data socket.
    private(set) var isReachable = false

    init(dataPath: String, adminPath: String, data: ControlClient, admin: ControlClient) {
        self.dataPath = dataPath
        self.adminPath = adminPath
        self.data = data
        self.admin = admin
    }

    mutating func run() async {
        findings.append(dataSocket)
        findings.append(adminSocket)
        let readiness = await reach()
        findings.append(clock)
        if let readiness { look(at: readiness) }
        guard isReachable else {
            return findings.append(
                Finding("service", .unseen, "nothing more can be seen while prefd does not answer")
            )
        }
        await askAdmin(readiness)
    }

    // MARK: Sockets

    private var dataSocket: Finding {
        guard let file = SocketFacts(dataPath) else {
            return Finding(
                "socket",
                .problem,
                "there is no \(dataPath)",
                hint:
                    "`systemctl enable --now prefd.socket`, or `prefd serve` for an instance of your own; "
                    + "or say where it is by --socket or PREFD_SOCKET."
            )
        }
        guard file.isSocket else {
            return Finding(
                "socket",
                .problem,
                "\(dataPath) is no socket",
                hint: "Move it away, and restart prefd.socket."
            )
        }
        guard file.isOpen else {
            return Finding(
                "socket",
                .problem,
                "you may not connect to \(dataPath) (mode \(file.octal))",
                hint:
                    "SocketMode=0666 in prefd.socket lets any local user connect; a directory above it may "
                    + "be closed too."
            )
        }
        return Finding("socket", .ok, "\(dataPath), mode \(file.octal)")
    }

    private var adminSocket: Finding {
        guard let file = SocketFacts(adminPath), file.isSocket else {
            return Finding(
                "admin socket",
                .warning,
                "there is no \(adminPath)",
                hint:
                    "`systemctl enable --now prefd-admin.socket`, or say where it is by --admin-socket."
            )
        }
        guard file.mode & 0o007 == 0 else {
            return Finding(
                "admin socket",
                .problem,
                "everybody may connect to \(adminPath) (mode \(file.octal)); prefd refuses all but admins",
                hint: "Set SocketMode=0660 and SocketGroup=prefd-admin in prefd-admin.socket."
            )
        }
        return Finding("admin socket", .ok, "\(adminPath), mode \(file.octal)")
    }

    // MARK: The service, as everyone sees it

    private mutating func reach() async -> Readiness? {
        do throws(ControlFailure) {
            let readiness = try await data.readiness()
            isReachable = true
            findings.append(Finding("prefd", .ok, "answers"))
            return readiness
        } catch {
            var hint = error.hint
            if case .unreachable = error {
                hint =
                    "`systemctl status prefd` and `journalctl -u prefd -n 20` say why. Status 78 means "
                    + "the configuration, the rules or the key: `prefd check --config "
                    + "/etc/prefd/prefd.yaml` finds what is wrong in the first two."
            } else {
                isReachable = true
            }
            findings.append(Finding("prefd", .problem, error.description, hint: hint))
            return nil
        }
    }

    private mutating func look(at readiness: Readiness) {
        if !readiness.store.ready {
            findings.append(Finding("store", .problem, readiness.store.detail))
        }
        findings.append(
            Finding("rules", readiness.rules.ready ? .ok : .problem, readiness.rules.detail)
        )
        for backend in readiness.backends {
            let name = "backend \(backend.name)"
            switch backend.state {
            case .ready: findings.append(Finding(name, .ok, backend.detail))
            case .unknown:
                findings.append(
                    Finding(
                        name,
                        .warning,
                        backend.detail,
                        hint:
                            "Look at the model server's own log; a slow one needs longer timeouts."
                    )
                )
            case .unreachable:
                findings.append(
                    Finding(
                        name,
                        .problem,
                        backend.detail,
                        hint:
                            "Start the model server, or correct backends[].url. As a service, prefd reaches "
                            + "servers on TCP through prefd-egress.socket (`systemctl enable --now` it), whose "
                            + "service has to be let out to other machines (IPAddressDeny=)."
                    )
                )
            }
        }
    }

    /// Times of consent and of retention are the clock's.
    private var clock: Finding {
        guard Date() > Date(timeIntervalSince1970: 1_767_225_600) else {
            return Finding(
                "clock",
                .problem,
                "it stands before the year 2026",
                hint: "Set the time, best by NTP: consents and retention go by it."
            )
        }
        switch cclock_is_synchronized() {
        case 1: return Finding("clock", .ok, "synchronized")
        case 0:
            return Finding(
                "clock",
                .warning,
                "the kernel does not know of any synchronization",
                hint:
                    "`timedatectl set-ntp true`: consents and retention go by the clock. In a container, "
                    + "look at its host."
            )
        default:
            return Finding("clock", .unseen, "the kernel does not tell", hint: "Look on the host.")
        }
    }

    // MARK: The service, as admins see it

    private mutating func askAdmin(_ readiness: Readiness?) async {
        do throws(ControlFailure) {
            let check = try await admin.selfCheck()
            findings.append(versions(check.version))
            findings += check.findings
        } catch {
            if readiness?.store.ready == true {
                findings.append(Finding("store", .ok, readiness?.store.detail ?? ""))
            }
            findings.append(
                Finding(
                    "version, config, key, state, journal",
                    .unseen,
                    "only admins can ask: \(error.description)",
                    hint: "`sudo prefctl doctor`, or as a member of the group prefd-admin."
                )
            )
        }
    }

    private func versions(_ theirs: String) -> Finding {
        guard theirs == PrefdVersion.current else {
            return Finding(
                "version",
                .warning,
                "prefd is \(theirs), prefctl is \(PrefdVersion.current)",
                hint: "`systemctl restart prefd` puts the installed version in force."
            )
        }
        return Finding("version", .ok, "prefd and prefctl are \(theirs)")
    }
}

/// What stat(2) and access(2) tell of a socket.
private struct SocketFacts {
    let isSocket: Bool
    let isOpen: Bool
    let mode: mode_t

    init?(_ path: String) {
        var information = stat()
        // stat(2) fills in the one structure that it is given.
        guard unsafe stat(path, &information) == 0 else { return nil }
        isSocket = information.st_mode & S_IFMT == S_IFSOCK
        mode = information.st_mode & 0o777
        // access(2) only reads the path.
        isOpen = unsafe access(path, R_OK | W_OK) == 0
    }

    var octal: String { "0" + String(mode, radix: 8) }
}
