import Testing

@testable import PrefConfig

@Suite("Limits and fallbacks of backends")
struct FallbackTests {
    private static func parse(_ main: String, _ spare: String = "") throws -> Configuration {
        let text = """
            backends:
              - { name: main, url: "http://127.0.0.1:1", \(main) }
              - { name: spare, url: "http://127.0.0.1:2", \(spare) }
            """
        return try Configuration.parse(text, path: "/prefd.yaml", defaults: .service)
    }

    private static func problems(_ main: String, _ spare: String = "") -> [String] {
        do {
            _ = try parse(main, spare)
            return []
        } catch {
            return ((error as? ConfigErrors)?.problems ?? [])
                .filter { $0.severity == .error }.map(\.message)
        }
    }

    @Test("are read, and a fallback behind a backend that takes all is no surprise")
    func read() throws {
        let configuration = try Self.parse(
            "fallback: spare, max_concurrent: 4, max_queued: 9, "
                + "circuit_breaker: { failures: 0, pause: 2m }, timeouts: { queue: 5s }"
        )
        let main = try #require(configuration.backends.first)
        #expect(main.fallback == "spare" && main.maxConcurrent == 4 && main.maxQueued == 9)
        #expect(main.circuitBreaker.failures == 0 && main.circuitBreaker.pause == .seconds(120))
        #expect(main.timeouts.queue == .seconds(5))
        #expect(configuration.warnings.isEmpty)
        #expect(try Self.parse("models: [\"*\"]").warnings.count == 1)
    }

    @Test("are refused where they make no sense")
    func refused() {
        #expect(
            Self.problems("fallback: spair") == [
                "the fallback of main is no backend: \"spair\""
            ]
        )
        #expect(
            Self.problems("fallback: main") == ["the fallbacks of main come round in a circle"]
        )
        #expect(
            Self.problems("fallback: spare", "fallback: main") == [
                "the fallbacks of main come round in a circle",
                "the fallbacks of spare come round in a circle",
            ]
        )
        #expect(
            Self.problems("fallback: spare, dialects: [openai]", "dialects: [ollama]") == [
                "the fallback of main speaks none of its dialects"
            ]
        )
        #expect(
            Self.problems("max_queued: 3") == [
                "backends.max_queued is only of use with max_concurrent"
            ]
        )
        #expect(Self.problems("max_concurrent: 0").count == 1)
        #expect(Self.problems("circuit_breaker: { pause: 1ms }").count == 1)
    }
}
