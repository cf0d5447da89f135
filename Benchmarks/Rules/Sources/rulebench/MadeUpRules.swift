import PrefRules

/// Rules of the kinds that packs have, made up from a seed.
struct MadeUpRules {
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(state: seed) }

    /// A pack of `count` rules: four of ten are tokens with a prefix, three are words and phrases,
    /// two are settings with a value, one is a number with a checksum.
    func pack(count: Int) -> RulePackSource {
        var maker = self
        var text = "pack: made-up\nrules:\n"
        for index in 0..<count { text += maker.rule(index) }
        return RulePackSource(name: "made-up.yaml", text: text)
    }

    private mutating func rule(_ index: Int) -> String {
        let detect: String
        var more = "action: { redact: \"[removed]\" }"
        switch index % 10 {
        case 0..<4:
            let length = pick(16...40)
            let separator = ["-", "_", "\\."][pick(0...2)]
            detect =
                "{ regex: '\\b\(word(2...5))\(separator)[A-Za-z0-9_-]{\(length),\(length + 20)}' }"
            more += "\n    validate: [entropy]"
        case 4..<7:
            let phrases = (0..<pick(1...4)).map { _ in "\"\(word(4...8)) \(word(3...7))\"" }
            detect = "{ literal: [\(phrases.joined(separator: ", "))] }"
        case 7..<9:
            detect =
                "{ regex: '\\b\(word(3...6))_?(?:key|secret|token)\\s{0,3}[:=]\\s{0,3}[\"'']?[A-Za-z0-9/+]{20,40}' }"
        default:
            let lead = pick(1...9)
            let length = pick(9...17)
            detect = "{ regex: '\\b\(lead)(?:[ -]?\\d){\(length)}\\b' }"
            more += "\n    validate: [luhn]"
        }
        return """
              - id: made-up-\(index)
                description: A made-up rule
                detect: \(detect)
                \(more)

            """
    }

    private mutating func word(_ lengths: ClosedRange<Int>) -> String {
        let vowels = Array("aeiou")
        let consonants = Array("bcdfghjklmnpqrstvwxz")
        var result = ""
        for place in 0..<pick(lengths) {
            if place % 2 == 1 {
                result.append(vowels[pick(0...4)])
            } else {
                result.append(consonants[pick(0...19)])
            }
        }
        return result
    }

    private mutating func pick(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(random.next() % UInt64(range.count))
    }
}
