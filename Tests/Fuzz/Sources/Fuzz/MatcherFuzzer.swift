import PrefRules

/// The matcher with all the rules that are shipped: what it decides depends on the text alone, and
/// nothing of a match leaves before its verdict.
enum MatcherFuzzer {
    static let rules: RuleSet = {
        do { return try RuleSet.builtIn() } catch { fatalError("the built-in packs: \(error)") }
    }()

    static func check(_ bytes: [UInt8]) {
        // The first byte says on which surface the rest is.
        let surfaces = TextSurface.allCases
        let surface = surfaces[Int(bytes.first ?? 0) % surfaces.count]
        let text = Array(bytes.dropFirst())
        var random = Randomness(bytes)
        let whole = scan(text, [0..<text.count], rules, surface)
        let pieces = scan(text, random.pieces(of: text.count), rules, surface)
        require(whole == pieces, "the verdicts depend on how the text was cut")
    }

    /// The verdicts on a text that comes in pieces, sorted.
    static func scan(
        _ text: [UInt8],
        _ pieces: [Range<Int>],
        _ rules: RuleSet,
        _ surface: TextSurface
    ) -> [Verdict] {
        var scanner = rules.scanner(for: surface)
        var verdicts: [Verdict] = []
        var (decided, changedUpTo) = (0, 0)
        func collect(fed: Int) {
            for verdict in scanner.takeVerdicts() {
                verdicts.append(verdict)
                require(0...fed ~= verdict.range.upperBound, "a verdict lies beyond the text")
                guard verdict.action.changesMatch else { continue }
                require(verdict.range.lowerBound >= decided, "a match had left before its verdict")
                require(verdict.range.lowerBound >= changedUpTo, "verdicts overlap")
                require(verdict.range.upperBound <= scanner.decidedOffset, "it is not decided yet")
                changedUpTo = verdict.range.upperBound
            }
            require(decided...fed ~= scanner.decidedOffset, "the decided offset went astray")
            decided = scanner.decidedOffset
        }
        for piece in pieces {
            scanner.feed(text.span.extracting(piece))
            collect(fed: piece.upperBound)
            require(
                piece.upperBound - decided <= TextScanner.greatestHoldBytes + piece.count,
                "too much is held"
            )
        }
        scanner.finish()
        collect(fed: text.count)
        require(decided == text.count, "the end left something undecided")
        return verdicts.sorted {
            ($0.range.lowerBound, $0.range.upperBound, $0.ruleIDs.joined(separator: ","))
                < ($1.range.lowerBound, $1.range.upperBound, $1.ruleIDs.joined(separator: ","))
        }
    }
}
