import PrefTopics

/// Prints what a classification costs.
struct Timing {
    let set: TopicSet

    func print(_ cases: [Labelled]) {
        Swift.print("\n## time\n")
        Swift.print("| text of 1 KB | best of 21 rounds |")
        Swift.print("| --- | ---: |")
        for language in ["en", "es", "fr", "de", "pt", "zh", "ar", "hi"] {
            let texts = cases.filter { $0.language == language }.map(\.text)
            Swift.print(
                "| \(language) | \(microseconds(of: Self.texts(from: texts, bytes: 1024))) us |"
            )
        }
        let harmless = cases.filter { $0.label == "personalizable" && $0.language == "en" }.map(
            \.text
        )
        Swift.print(
            "| en, harmless | \(microseconds(of: Self.texts(from: harmless, bytes: 1024))) us |"
        )
        let hi = microseconds(of: ["Hi, how are you today?"])
        Swift.print("| en, 22 bytes | \(hi) us |")
        Swift.print(
            "| en, 8 KB | \(microseconds(of: Self.texts(from: harmless, bytes: 8192))) us |"
        )
    }

    /// Texts of a size, made of sentences.
    private static func texts(from sentences: [String], bytes: Int) -> [String] {
        var texts: [String] = []
        var text = ""
        var index = 0
        while texts.count < 64 {
            text += sentences[index % sentences.count] + " "
            index += 1
            if text.utf8.count >= bytes {
                texts.append(String(decoding: text.utf8.prefix(bytes), as: UTF8.self))
                text = ""
            }
        }
        return texts
    }

    private func microseconds(of texts: [String]) -> Double {
        let repeats = max(1, 64 / texts.count)
        var rounds: [Double] = []
        var found = 0
        for _ in 0..<21 {
            let began = ContinuousClock.now
            for _ in 0..<repeats { for text in texts { found += set.findings(in: text).count } }
            let took = ContinuousClock.now - began
            rounds.append(
                Double(took.components.attoseconds) / 1e12 / Double(texts.count * repeats)
            )
        }
        precondition(found >= 0)
        return ((rounds.min() ?? 0) * 10).rounded() / 10
    }
}
