import FoundationEssentials
import Testing

@testable import PrefConfig

@Suite("Loading a configuration")
struct LoadingTests {
    private let folder: TemporaryFolder
    private let user = ["HOME": "/home/alice", "XDG_RUNTIME_DIR": "/run/user/1000"]

    init() throws { folder = try TemporaryFolder() }

    @Test("without a file gives a user everything below their own directories")
    func userInstance() throws {
        let configuration = try Configuration.userInstance(environment: user, uid: 1000)
        #expect(
            configuration.listen
                == .init(
                    data: "/run/user/1000/prefd/prefd.sock",
                    admin: "/run/user/1000/prefd/admin.sock"
                )
        )
        #expect(configuration.state == "/home/alice/.local/state/prefd")
        #expect(configuration.key == .file("/home/alice/.local/state/prefd/master.key"))
        #expect(configuration.rules == .builtIn)
        var environment = user
        environment["XDG_STATE_HOME"] = "/data/state/"
        #expect(
            try Configuration.userInstance(environment: environment, uid: 1000).state
                == "/data/state/prefd"
        )
        environment["XDG_STATE_HOME"] = "relative"
        #expect(
            try Configuration.userInstance(environment: environment, uid: 1000).state
                == "/home/alice/.local/state/prefd"
        )
    }

    @Test("falls back to /run/user/UID, else says what to set")
    func noRuntimeDirectory() throws {
        let environment = ["HOME": "/home/alice"]
        let found = try Configuration.userInstance(environment: environment, uid: 7) {
            $0 == "/run/user/7"
        }
        #expect(found.listen.data == "/run/user/7/prefd/prefd.sock")
        let error = #expect(throws: ConfigErrors.self) {
            try Configuration.userInstance(environment: [:], uid: 7) { _ in false }
        }
        #expect(error?.problems.count == 2)
        #expect(error?.description.contains("set XDG_RUNTIME_DIR to a directory") == true)
        #expect(error?.description.contains("set HOME") == true)
        let long = ["HOME": "/h", "XDG_RUNTIME_DIR": "/" + String(repeating: "a", count: 100)]
        #expect(throws: ConfigErrors.self) {
            try Configuration.userInstance(environment: long, uid: 7)
        }
    }

    @Test("tells a system unit from a user's own instance")
    func whose() throws {
        #expect(
            try Configuration.defaults(environment: ["STATE_DIRECTORY": "/var/lib/prefd"], uid: 990)
                == .service
        )
        var own = user
        own["STATE_DIRECTORY"] = "/home/alice/.config/prefd"
        #expect(try Configuration.defaults(environment: own, uid: 1000).rules == .builtIn)
        let path = try folder.write("prefd.yaml", Array("log: { level: debug }".utf8), mode: 0o644)
        #expect(
            try Configuration.load(path: path, environment: [:], uid: 0).state == "/var/lib/prefd"
        )
        let loaded = try Configuration.load(path: path, environment: user, uid: 1000)
        #expect(loaded.state == "/home/alice/.local/state/prefd" && loaded.logLevel == .debug)
    }

    @Test("takes the rules from beside a file of one's own, and without any those compiled in")
    func rulesBeside() throws {
        let path = try folder.write("prefd.yaml", Array("log: { level: debug }".utf8), mode: 0o644)
        let unit = ["STATE_DIRECTORY": "/var/lib/prefd"]
        for uid: UInt32 in [0, 1000] {
            let loaded = try Configuration.load(path: path, environment: user, uid: uid)
            #expect(loaded.rules == .builtIn)
        }
        let beside = folder.path + "/rules.d"
        try FileManager.default.createDirectory(
            at: URL(filePath: beside),
            withIntermediateDirectories: true
        )
        for uid: UInt32 in [0, 1000] {
            let loaded = try Configuration.load(path: path, environment: user, uid: uid)
            #expect(loaded.rules == .directory(beside))
        }
        let service = try Configuration.load(path: path, environment: unit, uid: 990)
        #expect(service.rules == .directory("/etc/prefd/rules.d"))
    }

    @Test("asks the environment only for the places that the file does not name")
    func explicitPlaces() throws {
        let uid: UInt32 = 4_000_000_000
        let full = """
            listen: { data: /tmp/a.sock, admin: /tmp/b.sock }
            state: /tmp/state
            key: { file: master.key }
            """
        let path = try folder.write("full.yaml", Array(full.utf8))
        let configuration = try Configuration.load(path: path, environment: [:], uid: uid)
        #expect(
            configuration.rules == .builtIn
                && configuration.key == .file(folder.path + "/master.key")
        )
        let partial = try folder.write("partial.yaml", Array("state: /tmp/state\nlgo: 1".utf8))
        let error = #expect(throws: ConfigErrors.self) {
            try Configuration.load(path: partial, environment: [:], uid: uid)
        }
        #expect(error?.problems.map(\.file) == [partial, "environment", "environment"])
    }

    @Test("says what is wrong with a file that cannot be read")
    func unreadable() throws {
        func problem(_ path: String) -> ConfigProblem? {
            let error = #expect(throws: ConfigErrors.self) {
                try Configuration.load(path: path, environment: user, uid: 1000)
            }
            return error?.problems.first
        }
        #expect(problem(folder.path + "/none.yaml")?.message == "there is no such file")
        #expect(problem(folder.path)?.message == "the file cannot be read")
        #expect(
            problem(try folder.write("latin.yaml", [0x61, 0xE9]))?.message
                == "the file is not UTF-8 text"
        )
        let large = [UInt8](repeating: 0x23, count: Configuration.maxFileBytes + 1)
        #expect(
            problem(try folder.write("large.yaml", large))?.message
                == "the file is larger than 1 MiB"
        )
    }

    @Test("resolves relative paths at the file's folder")
    func relative() throws {
        let path = try folder.write("prefd.yaml", Array("rules: { directory: rules.d/ }".utf8))
        let loaded = try Configuration.load(path: path, environment: user, uid: 1000)
        #expect(loaded.rules == .directory(folder.path + "/rules.d"))
        let top = try Configuration.parse(
            "rules: { directory: r }",
            path: "/p.yaml",
            defaults: .service
        )
        #expect(top.rules == .directory("/r"))
    }

    @Test("gives problems that JSON carries")
    func problemsAsJSON() throws {
        let problem = ConfigProblem(file: "a.yaml", line: 1, column: 2, message: "m", hint: "h")
        let data = try JSONEncoder().encode(problem)
        #expect(try JSONDecoder().decode(ConfigProblem.self, from: data) == problem)
    }
}
