import TestSupport
import Testing

@testable import PrefLearning

@Suite("Counting what a text looks like")
struct SurfaceCounterTests {
    private static let parts = [
        "Great", "HTTPServer", " ", "  ", "\n", "\n\n", "don’t", "don't", "x!", "!=", "?", "1. ",
        "12", "- ", "# ",
        "|", " | ", "```", "```swift\n", "`", "“so.”", "é", "日本。", "👩‍👩‍👧", "🇩🇪", "…", "e.g.",
        "it depends", "I", "3.14",
        "\t", "\r\n", "** ", "tend to", "\u{0301}", ".", ":",
    ]

    private func signs(_ counter: SurfaceCounter) -> [Int] {
        guard let reader = counter.reader else { return [] }
        return reader.counts + [
            reader.spacedWords, reader.longWords, reader.veryLongWords, reader.technicalTokens,
            reader.contractions, reader.inlineCode, reader.firstSentenceWords,
            reader.opensIndirectly ? 1 : 0,
        ]
    }

    @Test("runs of letters, and lines of code, count as their scalars one by one")
    func runs() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<3_000 {
            let text = (0..<Int.random(in: 1...30, using: &random))
                .map { _ in Self.parts.randomElement(using: &random) ?? "" }.joined()
            var whole = SurfaceCounter(reader: WordReader(.english))
            whole.feed(text.utf8Span.span)
            whole.finish()
            var single = SurfaceCounter(reader: WordReader(.english))
            for scalar in text.unicodeScalars { single.feed(scalar) }
            single.finish()
            #expect(whole.counts.values == single.counts.values, "\(text.debugDescription)")
            #expect(signs(whole) == signs(single), "\(text.debugDescription)")
        }
    }

    @Test("bytes that are no UTF-8 count as one scalar and break nothing")
    func broken() {
        var counter = SurfaceCounter()
        counter.feed(([0xC3, 0xFF] + Array(" ok".utf8)).span)
        counter.finish()
        #expect(counter.counts.values["characters"] == 4)
        #expect(counter.counts.values["words"] == 1)
    }
}
