import Testing

@testable import PrefRules

/// What matches where, by the definition and with no regard to cost.
private struct Oracle {
    let symbols: [ShadowSymbol]

    private func kind(_ index: Int) -> SymbolKind {
        symbols.indices.contains(index) ? SymbolKind(symbols[index]) : .edge
    }

    /// Where matches of `node` that begin at `start` may end.
    func ends(_ node: PatternNode, from start: Int) -> Set<Int> {
        switch node {
        case .empty, .matchStart: return [start]
        case .set(let set):
            return start < symbols.count && set.contains(symbols[start]) ? [start + 1] : []
        case .assertion(let assertion):
            return assertion.holds(between: kind(start - 1), and: kind(start)) ? [start] : []
        case .sequence(let parts):
            return parts.reduce([start]) { places, part in
                places.reduce(into: []) { $0.formUnion(ends(part, from: $1)) }
            }
        case .choice(let parts):
            return parts.reduce(into: []) { $0.formUnion(ends($1, from: start)) }
        case .repeated(let part, let least, let most):
            var result: Set<Int> = least == 0 ? [start] : []
            var places: Set<Int> = [start]
            var count = 0
            while !places.isEmpty, count < min(most ?? .max, least + symbols.count + 1) {
                places = places.reduce(into: []) { $0.formUnion(ends(part, from: $1)) }
                count += 1
                if count >= least { result.formUnion(places) }
            }
            return result
        }
    }

    /// The stretches that some match covers; those that only touch stay apart.
    func covered(by node: PatternNode) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for start in symbols.indices {
            guard let end = ends(node, from: start).max(), end > start else { continue }
            if let last = ranges.last, start < last.upperBound {
                ranges[ranges.count - 1] = last.lowerBound..<max(last.upperBound, end)
            } else {
                ranges.append(start..<end)
            }
        }
        return ranges
    }
}

@Suite("The matcher against the definition")
struct OracleTests {
    private static func pattern(_ depth: Int, _ generator: inout SplitMix64) -> String {
        let atoms = [
            "a", "b", "ab", "[ab]", "[^a]", ".", "\\d", "\\w", "\\s", "-", "1", "\\b", "\\B", "é",
            "c", "(?i:B)", "$", "^",
        ]
        if depth == 0 { return atoms.randomElement(using: &generator) ?? "a" }
        switch Int.random(in: 0..<6, using: &generator) {
        case 0, 1, 2:
            return (0..<Int.random(in: 1...3, using: &generator))
                .map { _ in pattern(depth - 1, &generator) }.joined()
        case 3:
            let one = pattern(depth - 1, &generator)
            return "(?:\(one)|\(pattern(depth - 1, &generator)))"
        case 4:
            let counts = ["*", "+", "?", "{2}", "{1,3}", "{2,}", "*?"]
            let count = counts.randomElement(using: &generator) ?? "*"
            return "(?:\(pattern(depth - 1, &generator)))\(count)"
        default: return atoms.randomElement(using: &generator) ?? "b"
        }
    }

    @Test("random patterns match random texts as defined, deterministic or simulated, however cut")
    func randomPatterns() throws {
        var generator = SplitMix64(state: 42)
        var compared = 0
        while compared < 600 {
            let pattern = Self.pattern(3, &generator)
            guard let node = try? PatternParser.parse(pattern, ignoringCase: false),
                node.shortestMatch > 0
            else { continue }
            let rule = Rule(
                id: "r",
                pack: "p",
                description: "d",
                source: nil,
                detector: .regex(pattern),
                validators: [],
                surfaces: [.output],
                action: .block,
                isCaseSensitive: true,
                seeThrough: [],
                matchCases: [],
                passCases: []
            )
            // A limit of four states makes nearly every pattern a simulated one.
            let stateLimit = Bool.random(using: &generator) ? 4 : RuleAutomaton.stateLimit
            let compiled = try CompiledPattern(
                rule,
                index: 0,
                validators: [],
                stateLimit: stateLimit
            )
            // With few nodes for beginnings, rules go on by themselves early.
            let nodeLimit = Bool.random(using: &generator) ? 7 : BeginningNodes.nodeLimit
            let program = SurfaceProgram([compiled], nodeLimit: nodeLimit)
            for _ in 0..<6 {
                let text = (0..<Int.random(in: 0...14, using: &generator))
                    .map { _ in "abc1 -éB\n".randomElement(using: &generator) ?? "a" }
                let bytes = Array(String(text).utf8)
                let expected = Oracle(
                    symbols: text.flatMap { character in
                        Shadow.fold(String(character)).unicodeScalars.map(\.value)
                    }
                ).covered(by: node)
                var offsets = [0]
                for character in text {
                    offsets.append(offsets[offsets.count - 1] + character.utf8.count)
                }
                let expectedBytes = expected.map { offsets[$0.lowerBound]..<offsets[$0.upperBound] }
                for cuts in [[], Array(0..<bytes.count), [bytes.count / 2]] {
                    var scanner = TextScanner(program: program, rules: [rule], surface: .output)
                    var start = 0
                    var found: [Range<Int>] = []
                    for cut in cuts + [bytes.count] {
                        scanner.feed(bytes[start..<cut].span)
                        found += scanner.takeVerdicts().map(\.range)
                        start = cut
                    }
                    scanner.finish()
                    found += scanner.takeVerdicts().map(\.range)
                    #expect(
                        found == expectedBytes,
                        "/\(pattern)/ on \(String(text).debugDescription), cuts \(cuts)"
                    )
                }
            }
            compared += 1
        }
    }
}
