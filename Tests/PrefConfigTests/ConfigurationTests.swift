import PrefModel
import Testing

@testable import PrefConfig

@Suite("A configuration")
struct ConfigurationTests {
    private func parse(_ text: String) throws -> Configuration {
        try Configuration.parse(text, path: "/etc/prefd/prefd.yaml", defaults: .service)
    }

    @Test("with every setting is read in full")
    func full() throws {
        let configuration = try parse(
            """
            listen:
              data: /run/a.sock
              admin: /run/b.sock
            state: /srv/prefd/
            key: { file: master.key }
            backends:
              - name: local
                url: unix:///run/llama.sock
                dialects: [openai, ollama]
                models: ["llama*", "qwen?"]
                api_key: { credential: llm.key }
                timeouts: { connect: 1s, first_byte: 2m, idle: 500ms }
              - name: hosted
                url: https://llm.example.com/v
                ca: /etc/ssl/own.pem
                via: unix:///run/proxy.sock
                forward_authorization: true
            apps:
              - name: webchat
                match: { uid: 995, exe: /usr/bin/webchat, unit: webchat.service }
                delegate: true
                user_from: metadata.user_id
            personalization:
              block_tokens: 100
              charter: always
              placement: start
              reminder_after_turns: 0
            rules: { directory: packs }
            tiers: { directory: topics }
            limits: { body: 1MiB, connections_per_user: 2, requests_per_user: 3 }
            consent: { content_retention: 1d, signal_retention: 90d }
            audit: { file_size: 1MiB, files: 9 }
            log: { level: warning }
            shutdown: { grace: 5s }
            """
        )
        #expect(configuration.listen == .init(data: "/run/a.sock", admin: "/run/b.sock"))
        #expect(configuration.state == "/srv/prefd")
        #expect(configuration.key == .file("/etc/prefd/master.key"))
        #expect(configuration.rules == .directory("/etc/prefd/packs"))
        #expect(configuration.tiers == .directory("/etc/prefd/topics"))
        let local = try #require(configuration.backends.first)
        #expect(local.url == .unix(path: "/run/llama.sock"))
        #expect(local.dialects == [.openai, .ollama])
        #expect(local.models.map(\.pattern) == ["llama*", "qwen?"])
        #expect(local.apiKey == .credential("llm.key"))
        #expect(
            local.timeouts
                == .init(connect: .seconds(1), firstByte: .seconds(120), idle: .milliseconds(500))
        )
        let hosted = try #require(configuration.backends.last)
        #expect(hosted.certificateAuthority == "/etc/ssl/own.pem" && hosted.forwardAuthorization)
        #expect(hosted.via == "/run/proxy.sock" && local.via == nil)
        let app = try #require(configuration.apps.first)
        #expect(
            app.match == .init(uid: 995, executable: "/usr/bin/webchat", unit: "webchat.service")
        )
        #expect(app.delegate && app.userFrom == [.metadataUserID])
        #expect(
            configuration.personalization
                == .init(
                    blockTokens: 100,
                    charter: .always,
                    placement: .start,
                    reminderAfterTurns: 0
                )
        )
        #expect(
            configuration.limits
                == .init(bodyBytes: 1 << 20, connectionsPerUser: 2, requestsPerUser: 3)
        )
        #expect(
            configuration.retention
                == .init(content: .seconds(86_400), signals: .seconds(90 * 86_400))
        )
        #expect(configuration.audit == .init(fileBytes: 1 << 20, files: 9))
        #expect(configuration.logLevel == .warning && configuration.shutdownGrace == .seconds(5))
        #expect(configuration.warnings.isEmpty)
    }

    @Test("that says nothing, or only names empty sections, is the defaults")
    func empty() throws {
        #expect(try parse("") == .service)
        #expect(try parse("# nothing\n---\n") == .service)
        #expect(try parse("listen:\nbackends:\nlimits:\n  body:\nkey: ~\n") == .service)
    }

    @Test("knows an app by all the conditions of its match")
    func matching() throws {
        let configuration = try parse(
            """
            apps:
              - { name: both, match: { uid: 1, exe: /usr/bin/a } }
              - { name: unit, match: { unit: a.service } }
              - { name: user, match: { uid: 1 } }
            """
        )
        #expect(configuration.app(uid: 1, executable: "/usr/bin/a", unit: nil)?.name == "both")
        #expect(configuration.app(uid: 1, executable: "/usr/bin/b", unit: nil)?.name == "user")
        #expect(
            configuration.app(uid: 2, executable: "/usr/bin/a", unit: "a.service")?.name == "unit"
        )
        #expect(configuration.app(uid: 2, executable: nil, unit: nil) == nil)
        #expect(!Configuration.App.Match().holds(uid: 0, executable: nil, unit: nil))
    }

    @Test("warns of what works and yet should be looked at")
    func warnings() throws {
        let configuration = try parse(
            """
            backends:
              - { name: all, url: "http://10.0.0.1:1" }
              - { name: never, url: "http://127.0.0.1:2", models: [gpt] }
            apps:
              - { name: script, match: { exe: /usr/bin/python3 }, delegate: true }
            """
        )
        #expect(configuration.warnings.map(\.line) == [2, 3, 5])
        #expect(configuration.warnings.allSatisfy { $0.severity == .warning })
    }
}
