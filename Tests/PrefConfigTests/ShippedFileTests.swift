import FoundationEssentials
@testable import PrefConfig
import Testing

/// `config/prefd.yaml` shows every default, so it must not drift from the code.
@Suite("The shipped configuration file")
struct ShippedFileTests {
    private static let path = "/etc/prefd/prefd.yaml"

    private let paragraphs: [[Substring]]
    private let text: String

    init() throws {
        let root = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        text = try String(contentsOf: root.appending(path: "config/prefd.yaml"), encoding: .utf8)
        paragraphs =
            text.split(separator: "\n\n").map {
                $0.split(separator: "\n", omittingEmptySubsequences: false)
            }
    }

    private static func isExample(_ paragraph: [Substring]) -> Bool {
        paragraph.contains("# Example:")
    }

    /// The lines that are settings, uncommented: `#` and then the YAML, indented by an even number
    /// of spaces, where explanations are indented by an odd one or begin with no key.
    private static func settings(_ paragraph: [Substring]) -> [String] {
        paragraph.filter { line in
            guard line.hasPrefix("#"), line.count > 1 else { return false }
            let indent = line.dropFirst().prefix { $0 == " " }.count
            let isKey = line.dropFirst(1 + indent).prefix { $0 != " " }.contains(":")
            return indent.isMultiple(of: 2) && (isKey || line.dropFirst(1 + indent).hasPrefix("- "))
        }.map { String($0.dropFirst()) }
    }

    private func parse(_ text: String) throws -> Configuration {
        try Configuration.parse(text, path: Self.path, defaults: .service)
    }

    @Test("says nothing that is not commented out, and parses to the defaults")
    func shippedIsDefault() throws {
        #expect(text.split(separator: "\n").allSatisfy { $0.hasPrefix("#") })
        #expect(try parse(text) == .service)
    }

    @Test("with every default uncommented is the default configuration")
    func uncommentedIsDefault() throws {
        let lines = paragraphs.filter { !Self.isExample($0) }.flatMap(Self.settings)
        let settings = lines.joined(separator: "\n")
        #expect(try parse(settings) == .service)

        // Over defaults that differ everywhere, so that a default the file leaves out shows.
        var other = Configuration.service
        other.listen = .init(data: "/other/data", admin: "/other/admin")
        other.state = "/other"
        other.key = .file("/other/key")
        other.store = .postgres(connection: .file("/other"))
        other.backends = [.init(name: "other", url: .unix(path: "/other"))]
        other.apps = [.init(name: "other", match: .init())]
        other.personalization = .init(
            blockTokens: 1,
            charter: .always,
            placement: .start,
            reminderAfterTurns: 1
        )
        other.rules = .builtIn
        other.limits = .init(bodyBytes: 1, connectionsPerUser: 1, requestsPerUser: 1)
        other.retention = .init(content: .zero, signals: .zero)
        other.logLevel = .debug
        other.shutdownGrace = .zero
        #expect(try Configuration.parse(settings, path: Self.path, defaults: other) == .service)
    }

    @Test("shows each optional setting of a backend and an app with its default")
    func exampleBackend() throws {
        let examples = paragraphs.filter(Self.isExample)
        #expect(examples.count == 6)
        let parsed = try examples.map { try parse(Self.settings($0).joined(separator: "\n")) }
        #expect(
            parsed.first?.store == .postgres(connection: .file("/etc/prefd/postgres.connection"))
        )
        let local = try #require(parsed.dropFirst().first?.backends.first)
        #expect(
            local
                == Configuration.Backend(
                    name: "local",
                    url: .http(host: "127.0.0.1", port: 8080, path: "")
                )
        )
        let shown = Self.settings(try #require(examples.dropFirst().first)).joined(separator: "\n")
        for key in [
            "dialects", "models", "forward_authorization", "timeouts", "connect", "first_byte",
            "idle", "queue", "circuit_breaker", "failures", "pause",
        ] {
            #expect(shown.contains(key + ":"))
        }
        #expect(parsed.allSatisfy { $0.warnings.isEmpty })
        let hosted = try #require(parsed.dropFirst(2).first?.backends.first)
        #expect(hosted.certificateAuthority == "/etc/prefd/ca.pem")
        #expect(hosted.apiKey == .file("/etc/prefd/hosted.key"))
        let main = try #require(parsed.dropFirst(3).first?.backends.first)
        #expect(main.fallback == "spare" && main.maxConcurrent == 4)
        #expect(main.maxQueued == Configuration.Backend(name: "x", url: main.url).maxQueued)
        let app = try #require(parsed.dropFirst(4).first?.apps.first)
        #expect(app.delegate && app.userFrom == Configuration.App.UserSource.allCases)
        #expect(app.match == .init(uid: 995, unit: "webchat.service"))
        #expect(parsed.last?.tiers == .directory("/etc/prefd/tiers.d"))
    }
}
