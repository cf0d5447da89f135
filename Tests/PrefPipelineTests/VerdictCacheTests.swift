import PrefRules
import Testing

@testable import PrefPipeline

@Suite("The cache of verdicts")
struct VerdictCacheTests {
    private func questions(_ text: String, model: String = "m") throws -> ClassifierQuestion {
        let detector =
            "{ backend: b, endpoint: chat, model: \(model), timeout: 1s, on_failure: open }"
        let pack = """
            pack: p
            rules:
              - id: guard
                description: for a test
                detect: { classifier: \(detector) }
                action: block
            """
        let rules = try RuleSet(packs: [RulePackSource(name: "p.yaml", text: pack)])
        var scanner = rules.scanner(for: .output)
        scanner.feed(text)
        scanner.finish()
        return try #require(scanner.takeQuestions().first)
    }

    @Test("knows a text again, and tells apart other texts and other models")
    func keys() throws {
        let cache = VerdictCache()
        let key = cache.key(of: try questions("Some words."))
        cache.remember(key, isUnsafe: true)
        #expect(cache.isUnsafe(cache.key(of: try questions("Some words."))) == true)
        #expect(cache.isUnsafe(cache.key(of: try questions("Other words."))) == nil)
        #expect(cache.isUnsafe(cache.key(of: try questions("Some words.", model: "n"))) == nil)
        let other = VerdictCache()
        #expect(other.key(of: try questions("Some words.")) != key)
    }

    @Test("keeps the latest verdicts, and no more than it may")
    func bounded() throws {
        let cache = VerdictCache(limit: 4)
        let keys = try (0..<10).map { cache.key(of: try questions("Text \($0).")) }
        for key in keys { cache.remember(key, isUnsafe: false) }
        #expect(keys.map { cache.isUnsafe($0) != nil }.suffix(4) == [true, true, true, true])
        #expect(keys.filter { cache.isUnsafe($0) != nil }.count == 4)
    }
}
