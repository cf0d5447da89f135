import Testing

@testable import PrefConfig

@Suite("A wrong configuration")
struct ProblemTests {
    /// What is said of a text, one line a problem.
    private func problems(_ text: String) -> [String] {
        do {
            _ = try Configuration.parse(text, path: "p.yaml", defaults: .service)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test(
        "is told with file, line, column and the nearest right spelling",
        arguments: [
            ("stat: /x", #"p.yaml:1:1: unknown key "stat" (did you mean state?)"#),
            (
                "limits:\n  bdoy: 1MiB",
                #"p.yaml:2:3: unknown key "bdoy" in limits (did you mean body?)"#
            ),
            (
                "store: { kind: postgres }",
                "p.yaml:1:16: store.kind is postgres, and store.connection is missing "
                    + "(name the file of the connection string: connection: { file: PATH })"
            ),
            (
                "store: { connection: { file: x } }",
                "p.yaml:1:22: store.connection is for a store of kind postgres "
                    + "(write kind: postgres, or leave the connection out)"
            ),
            (
                "store: { kind: postgres, connection: \"password=secret\" }",
                "p.yaml:1:38: store.connection names where the secret is, never the secret itself "
                    + "(write { file: PATH } or { credential: NAME }; replace a key that stood here)"
            ),
            (
                "block_tokens: 5",
                #"p.yaml:1:1: unknown key "block_tokens" (block_tokens belongs under personalization)"#
            ),
            (
                "limits:\n  backends: []",
                #"p.yaml:2:3: unknown key "backends" in limits (backends stands at the left margin)"#
            ),
            (
                "rules: { zzzzzzzz: 1 }",
                #"p.yaml:1:10: unknown key "zzzzzzzz" in rules (the keys here are directory)"#
            ),
            (
                "personalization: { placement: botom }",
                "p.yaml:1:31: personalization.placement cannot be \"botom\" (it is one of end, start)"
            ),
            (
                "log: { level: warn }",
                """
                p.yaml:1:15: log.level cannot be "warn" (did you mean warning? it is one of error, \
                warning, notice, info, debug)
                """
            ),
            ("state: var/lib", "p.yaml:1:8: state must be an absolute path (begin it with /)"),
            (
                "state: ~/prefd",
                "p.yaml:1:8: state must be an absolute path (~ is not expanded: write the absolute path)"
            ),
            ("state: 5", "p.yaml:1:8: state must be text, but this is a number (put it in quotes)"),
            (
                "listen: [a]",
                "p.yaml:1:9: listen must be a section, but this is a list (its keys are data, admin)"
            ),
            ("- a", "p.yaml:1:1: a configuration must be a section, but this is a list"),
            (
                "backends: { name: a }",
                "p.yaml:1:11: backends must be a list, but this is a section"
            ),
            (
                "limits: { body: 32 }",
                """
                p.yaml:1:17: limits.body is the number 32 without a unit (its unit is one of B, KiB, MiB, \
                GiB, kB, MB, GB, as in 32MiB)
                """
            ),
            (
                "limits: { requests_per_user: many }",
                "p.yaml:1:30: limits.requests_per_user must be a whole number, but this is text"
            ),
            (
                "limits: { requests_per_user: 010 }",
                "p.yaml:1:30: limits.requests_per_user must be a whole number from 1 to 65536"
            ),
            (
                "consent: { signal_retention: 5s }",
                "p.yaml:1:30: consent.signal_retention must be between 1h and 36500d"
            ),
            (
                "key: { credential: a, file: /b }",
                "p.yaml:1:6: key has both a file and a credential (keep one of them)"
            ),
            (
                "state: /a\nlog: { level: info }\nstate: /b",
                "p.yaml:1:1: state is given twice in one section (keep one of them)"
            ),
            (
                "listen: { data: /a, admin: /a }",
                """
                p.yaml:1:28: listen.data and listen.admin are the same path (each socket has a path of \
                its own)
                """
            ),
        ]
    )
    func wording(text: String, expected: String) {
        let found = problems(text)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix(expected) == true, "\(found)")
    }

    @Test(
        "of a backend is found",
        arguments: [
            ("url: http://h.test", "backends.name is missing"),
            ("name: a", "backends.url is missing"),
            ("{ name: a b, url: 'http://127.0.0.1' }", "backends.name must be 1 to 64 letters"),
            ("{ name: a/b, url: 'http://127.0.0.1' }", "backends.name must be 1 to 64 letters"),
            ("{ name: a, url: 'gopher://h' }", "backends.url has a scheme"),
            ("{ name: a, url: 'http://127.0.0.1', models: [] }", "backends.models is empty"),
            (
                "{ name: a, url: 'http://127.0.0.1', models: ['[a]'] }",
                "backends.models holds a character"
            ),
            ("{ name: a, url: 'http://127.0.0.1', models: gpt }", "backends.models must be a list"),
            ("{ name: a, url: 'http://127.0.0.1', dialects: [openia] }", "did you mean openai?"),
            (
                "{ name: a, url: 'http://127.0.0.1', dialects: [openai, openai] }",
                "names \"openai\" twice"
            ),
            ("{ name: a, url: 'http://127.0.0.1', ca: x.pem }", "only of use with an https:// url"),
            ("{ name: a, url: 'unix:///a', via: 'unix:///b' }", "the url is a socket already"),
            (
                "{ name: a, url: 'http://127.0.0.1', via: 'http://proxy' }",
                "write unix:///PATH.sock"
            ),
            (
                "{ name: a, url: 'http://127.0.0.1', via: 'unix://b.sock' }",
                "needs an absolute path"
            ),
            ("{ name: a, url: 'https://192.0.2.1', via: 'unix:///b' }", "write the name"),
            (
                "{ name: a, url: 'http://127.0.0.1', forward_authorization: yes }",
                "write true or false"
            ),
            (
                "{ name: a, url: 'http://127.0.0.1', forward_authorization: 'true' }",
                "must be true or false"
            ),
            (
                "{ name: a, url: 'http://127.0.0.1', timeouts: { idle: 0s } }",
                "must be between 1ms and 1d"
            ),
            (
                "{ name: a, url: 'http://127.0.0.1', api_key: {} }",
                "neither a file nor a credential"
            ),
            (
                "{ name: a, url: 'http://127.0.0.1', api_key: { file: k }, forward_authorization: true }",
                "either its api_key or the client's own"
            ),
            ("", "an entry of backends is empty"),
            ("{ name: a, url: 'http://127.0.0.1', models: [*] }", "is not YAML"),
        ]
    )
    func backends(entry: String, expected: String) {
        let found = problems("backends:\n  - \(entry)\n")
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.contains(expected) == true, "\(found)")
    }

    @Test(
        "of an app is found",
        arguments: [
            ("{ match: { uid: 1 } }", "apps.name is missing"),
            ("{ name: a }", "apps.match is missing"),
            ("{ name: a, match: { gid: 1 } }", "did you mean uid?"),
            ("{ name: a, match: { uid: -1 } }", "from 0 to 4294967294"),
            ("{ name: a, match: { uid: 4294967295 } }", "from 0 to 4294967294"),
            ("{ name: a, match: { uid: alice } }", "apps.match.uid must be a whole number"),
            ("{ name: a, match: { exe: webchat } }", "apps.match.exe must be an absolute path"),
            ("{ name: a, match: { unit: webchat } }", "with its suffix"),
            ("{ name: a, match: { uid: 1 }, user_from: user }", "only of use with delegate: true"),
            (
                "{ name: a, match: { uid: 1 }, delegate: true, user_from: [headers] }",
                "did you mean header?"
            ),
        ]
    )
    func apps(entry: String, expected: String) {
        let found = problems("apps:\n  - \(entry)\n")
        #expect(found.first?.contains(expected) == true, "\(found)")
    }

    @Test("names two backends, apps or matches that are the same")
    func duplicates() {
        let backend = "{ name: a, url: 'http://127.0.0.1', models: [x] }"
        #expect(problems("backends: [\(backend), \(backend)]").count == 1)
        let found = problems(
            """
            apps:
              - { name: a, match: { uid: 1 } }
              - { name: b, match: { uid: 1 } }
              - { name: a, match: { uid: 2 } }
            """
        )
        #expect(found.count == 2, "\(found)")
    }

    @Test("is told in full, in the order of the file")
    func collectsAll() {
        let text = """
            stat: /x
            state: relative
            limits:
              body: huge
              body: 1MiB
            backends:
              - name: a
                url: nowhere
                dialects: [openia]
              - url: http://127.0.0.1
                timeouts: { connect: 5 }
            state: /y
            apps: { }
            personalization: { placement: middle, charter: 3 }
            """
        let lines = problems(text).map { $0.split(separator: ":")[1] }
        #expect(lines == ["1", "2", "4", "8", "9", "10", "11", "13", "14", "14"])
    }

    @Test(
        "that holds a secret where none belongs never repeats it",
        arguments: [
            "key: sk-very-secret", "key: { sk-very-secret: 1 }", "key: [sk-very-secret]",
            "key: { credential: 'sk-very-secret/' }", "key: { file: '~sk-very-secret' }",
            "backends: [{ name: a, url: 'http://127.0.0.1', api_key: sk-very-secret }]",
            "backends: [{ name: a, url: 'http://127.0.0.1', api_key: { sk-very-secret } }]",
            "backends: [{ name: a, url: 'http://user:sk-very-secret@h' }]",
            "key: { credential: 'sk-very-secret }", "key: \"sk-very-secret\\q\"",
            "backends: [{ name: a, url: 'http://127.0.0.1', api_key: &sk-very-secret }]\nx: *sk-other",
        ]
    )
    func secrets(text: String) {
        let found = problems(text)
        #expect(!found.isEmpty)
        #expect(!found.joined().contains("sk-very-secret"), "\(found)")
    }

    @Test(
        "that is no YAML is told with its place",
        arguments: [
            ("state: /a\n\tx: 1", 2), ("a: [1", 1), ("a: 'x", 1), ("state: /a\n---\nstate: /b", 2),
            ("a: *b", 1), ("a: b: c", 1),
        ]
    )
    func syntax(text: String, line: Int) throws {
        let found = #expect(throws: ConfigErrors.self) {
            try Configuration.parse(text, path: "p.yaml", defaults: .service)
        }
        let problem = try #require(found?.problems.first)
        #expect(problem.message.hasPrefix("is not YAML"))
        #expect((problem.line ?? 0) >= line)
    }

    @Test("with nested aliases is read in no time")
    func billionLaughs() {
        var text = "a0: &a0 [x]\n"
        for level in 1..<40 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        #expect(problems(text).count == 40)
    }
}
