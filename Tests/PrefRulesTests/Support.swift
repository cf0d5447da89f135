import Testing

@testable import PrefRules

/// A rule set of one pack written in a test.
func ruleSet(_ rules: String, runningCases: Bool = false) throws -> RuleSet {
    let indented = rules.split(separator: "\n", omittingEmptySubsequences: false)
        .map { "  " + $0 }.joined(separator: "\n")
    return try RuleSet(
        packs: [RulePackSource(name: "test.yaml", text: "pack: test\nrules:\n" + indented)],
        runningCases: runningCases
    )
}

/// A rule of a test.
func rule(_ id: String, _ detect: String, action: String = "redact", more: String = "") -> String {
    """
    - id: \(id)
      description: for a test
      detect: \(detect)
      action: \(action)
      \(more)

    """
}

/// Whether a validator takes a text as a whole.
func isValid(_ name: ValidatorName, _ text: String) -> Bool {
    let symbols = text.unicodeScalars.map(\.value)
    var lengths = LengthSet()
    lengths.insert(length: symbols.count)
    name.validator.narrow(&lengths, of: symbols[...])
    return lengths.contains(length: symbols.count)
}

/// What a scanner said about a text that was fed in pieces.
struct Scan: Equatable {
    var verdicts: [Verdict] = []
    /// The decided offset after each piece.
    var decided: [Int] = []
}

extension RuleSet {
    /// Scans bytes cut at some offsets, and checks what must always hold.
    func scan(
        _ bytes: [UInt8],
        surface: TextSurface = .output,
        cuts: [Int] = [],
        location: SourceLocation = #_sourceLocation
    ) -> Scan {
        var scanner = scanner(for: surface)
        var result = Scan()
        var released = 0
        func collect() {
            let before = released
            for verdict in scanner.takeVerdicts() {
                result.verdicts.append(verdict)
                guard verdict.action.changesMatch else { continue }
                #expect(
                    verdict.range.lowerBound >= before,
                    "a match left early",
                    sourceLocation: location
                )
                #expect(
                    verdict.range.upperBound <= scanner.decidedOffset,
                    sourceLocation: location
                )
            }
            #expect(scanner.decidedOffset >= before, sourceLocation: location)
            released = scanner.decidedOffset
            result.decided.append(released)
        }
        var start = 0
        for cut in cuts.sorted() + [bytes.count] where cut >= start {
            scanner.feed(bytes[start..<cut].span)
            collect()
            start = cut
        }
        scanner.finish()
        collect()
        #expect(released == bytes.count, sourceLocation: location)
        result.verdicts.sort {
            ($0.range.lowerBound, $0.range.upperBound, $0.ruleIDs.joined(separator: ","))
                < ($1.range.lowerBound, $1.range.upperBound, $1.ruleIDs.joined(separator: ","))
        }
        return result
    }

    /// The text with what the verdicts say put in place.
    func enforce(_ text: String, surface: TextSurface = .output, cuts: [Int] = []) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var position = 0
        var appended = ""
        for verdict in scan(bytes, surface: surface, cuts: cuts).verdicts {
            let replacement: String
            switch verdict.action {
            case .block: replacement = "[blocked]"
            case .redact(let text), .replace(let text): replacement = text
            case .append(let text):
                appended += text
                continue
            case .flag: continue
            }
            result += bytes[position..<verdict.range.lowerBound]
            result += Array(replacement.utf8)
            position = verdict.range.upperBound
        }
        return String(decoding: result + bytes[position...], as: UTF8.self) + appended
    }
}

/// A seeded generator, so that failures come back.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
