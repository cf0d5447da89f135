import PrefRules

/// Whether texts are decided alike however they are cut: whole, at random places, and byte by byte.
enum Invariance {
    static func run(_ options: Options) throws {
        let rules = try options.rules()
        var random = SplitMix64(state: UInt64(options.number("seed", 1)))
        var cuttings = 0
        var different = 0
        var verdicts = 0
        for text in Options.texts() where !text.isEmpty {
            let whole = decide(text, rules, cuts: [])
            verdicts += whole.count
            var ways = (0..<4).map { round in
                text.indices.filter { _ in Int.random(in: 0...(8 << round), using: &random) == 0 }
            }
            ways.append(Array(text.indices))
            for cuts in ways {
                cuttings += 1
                if decide(text, rules, cuts: cuts) != whole { different += 1 }
            }
        }
        print(
            "rules \(rules.rules.count) cuttings \(cuttings) verdicts \(verdicts)"
                + " different \(different)"
        )
    }

    private static func decide(_ text: [UInt8], _ rules: RuleSet, cuts: [Int]) -> [Verdict] {
        var scanner = rules.scanner(for: .output)
        var verdicts: [Verdict] = []
        var start = 0
        for cut in cuts + [text.count] {
            scanner.feed(text[start..<cut].span)
            verdicts += scanner.takeVerdicts()
            start = cut
        }
        scanner.finish()
        verdicts += scanner.takeVerdicts()
        return verdicts.sorted {
            ($0.range.lowerBound, $0.range.upperBound, $0.ruleIDs.joined())
                < ($1.range.lowerBound, $1.range.upperBound, $1.ruleIDs.joined())
        }
    }
}
