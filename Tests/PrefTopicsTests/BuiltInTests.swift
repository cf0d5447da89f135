import Foundation
import PrefModel
import PrefTopics
import Testing
import Yams

@Suite("The topics that prefd ships with")
struct BuiltInTests {
    private static let languages = ["ar", "de", "en", "es", "fr", "hi", "pt", "zh"]
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private let topics: TopicSet

    init() throws { topics = try TopicSet.builtIn() }

    @Test("load, also from their directory, and cover all three tiers' needs")
    func load() throws {
        let directory = Self.root.appending(path: "config/tiers.d").path
        #expect(try TopicSet.load(directory: directory).topics == topics.topics)
        #expect(topics.topics.filter { $0.tier == .safeguarded }.count >= 12)
        #expect(topics.topics.filter { $0.tier == .universal }.count >= 5)
    }

    @Test("have terms in every language")
    func everyLanguage() throws {
        let directory = Self.root.appending(path: "config/tiers.d")
        for name in topics.topics.map(\.name) {
            let text = try String(
                contentsOf: directory.appending(path: name + ".yaml"),
                encoding: .utf8
            )
            let file = try Yams.load(yaml: text) as? [String: Any]
            let words = try #require(file?["words"] as? [String: Any], "\(name)")
            #expect(Set(words.keys) == Set(Self.languages), "\(name)")
        }
    }

    @Test("tell nine of ten cases of each language and tier from the others", arguments: languages)
    func cases(language: String) throws {
        let file = Self.root.appending(path: "Tests/TopicCases/\(language).yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        let cases = try #require(try Yams.load(yaml: text) as? [String: [String]])
        #expect(cases.values.map(\.count).reduce(0, +) >= 40)
        for tier in Tier.allCases {
            let sentences = try #require(cases[tier.rawValue])
            let wrong = sentences.filter { TopicSet.tier(of: topics.findings(in: $0)) != tier }
            #expect(wrong.count * 10 <= sentences.count + 9, "\(language) \(tier): \(wrong)")
        }
    }

    @Test("never say a topic is sure on learned weights alone")
    func learnedIsUnsure() {
        let text =
            "What causes lissencephaly and how is a tibial plateau treated in Zellweger patients?"
        for finding in topics.findings(in: text) where finding.reasons == [.learned] {
            #expect(!finding.isSure)
        }
    }
}
