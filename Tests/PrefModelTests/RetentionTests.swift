import Testing

@testable import PrefModel

@Suite("Retention")
struct RetentionTests {
    @Test(
        "durations are read as people write them",
        arguments: [
            ("90d", 7_776_000), ("1y", 31_536_000), ("2w", 1_209_600), ("12h", 43_200), ("5s", 5),
            ("0d", nil), ("d", nil), ("90", nil), ("-1d", nil), ("1m", nil),
            ("9999999999999d", nil),
            ("101y", nil), ("", nil), ("1.5d", nil), ("٣d", nil),
        ] as [(String, Int64?)]
    )
    func retention(text: String, seconds: Int64?) {
        #expect(Retention.seconds(text) == seconds)
    }

    @Test("durations are written as days where they are days")
    func retentionSpelling() {
        #expect(Retention.spelling(seconds: 7_776_000) == "90d")
        #expect(Retention.spelling(seconds: 43_200) == "12h")
        #expect(Retention.spelling(seconds: 90) == "90s")
    }
}
