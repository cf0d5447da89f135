import Foundation
import PrefRules

/// How long it takes to read and compile rules.
enum Compiling {
    static func run(_ options: Options) throws {
        let sources = try options.packs()
        var best = Double.infinity
        var rules = 0
        for _ in 0..<options.number("rounds", 5) {
            let time = try ProcessorTime.of {
                rules = try RuleSet(packs: sources, runningCases: false).rules.count
            }
            best = min(best, time)
        }
        print("rules \(rules) compile_ms \(best)")
        var all = 0
        let time = try ProcessorTime.of { all = try options.rules().rules.count }
        print("rules \(all) compile_ms \(time)")
        var loaded = Double.infinity
        for _ in 0..<5 {
            let begin = ContinuousClock.now
            rules = try RuleSet(packs: sources).rules.count
            loaded = min(loaded, (ContinuousClock.now - begin) / .milliseconds(1))
        }
        print("rules \(rules) start_ms \(loaded)")
        print("scanner_bytes \(MemoryLayout<TextScanner>.size)")
    }
}

/// Bytes a second, on whole texts and in chunks.
enum Speed {
    static func run(_ options: Options) throws {
        let rules = try options.rules()
        // As one text, so that every block but the last is whole.
        let text = Array(Options.texts().joined(separator: [0x0a]))
        let size = options.number("size", 4096)
        let blocks = stride(from: 0, to: text.count, by: size).map {
            Array(text[$0..<min(text.count, $0 + size)])
        }
        let bytes = blocks.reduce(0) { $0 + $1.count }
        var line = "rules \(rules.rules.count) bytes \(bytes)"
        var chunkings = ["whole": [Int.max]]
        chunkings["20"] = [20]
        chunkings["4to20"] = (0..<64).map { 4 + ($0 * 7 + $0 / 17) % 17 }
        for name in options.text("only").map({ [$0] }) ?? ["whole", "20", "4to20"] {
            var best = Double.infinity
            var fired = 0
            for _ in 0..<options.number("rounds", 7) {
                fired = 0
                let sizes = chunkings[name] ?? [20]
                let time = ProcessorTime.of {
                    for block in blocks { fired += scan(block, rules, sizes) }
                }
                best = min(best, time)
            }
            line += " \(name)_MBps \(Int(Double(bytes) / best / 1000)) fired \(fired)"
        }
        print(line)
    }

    static func scan(_ block: [UInt8], _ rules: RuleSet, _ sizes: [Int]) -> Int {
        var scanner = rules.scanner(for: .output)
        let span = block.span
        var start = 0
        var index = 0
        var fired = 0
        while start < block.count {
            let size = sizes[index % sizes.count]
            let end = size > block.count - start ? block.count : start + size
            scanner.feed(span.extracting(start..<end))
            fired += scanner.takeVerdicts().count
            start = end
            index += 1
        }
        scanner.finish()
        return fired + scanner.takeVerdicts().count
    }
}

/// Which rules match where, one line a match: text, rule, first byte, byte behind the last.
enum Hits {
    static func run(_ options: Options) throws {
        let rules = try options.rules()
        for (index, text) in Options.texts().enumerated() {
            for hit in rules.explain(String(decoding: text, as: UTF8.self), surface: .output) {
                print("\(index)\t\(hit.rule.id)\t\(hit.range.lowerBound)\t\(hit.range.upperBound)")
            }
        }
    }
}

/// What is held on streams; the chunks of a stream are separated by byte 1.
enum Holds {
    static func run(_ options: Options) throws {
        let rules = try options.rules()
        var chunks = 0
        var heldChunks = 0
        var most: [Int] = []
        var tails: [String: Int] = [:]
        for stream in Options.texts() {
            var scanner = rules.scanner(for: .output)
            var fed = 0
            var greatest = 0
            var text: [UInt8] = []
            for chunk in stream.split(separator: 1) {
                scanner.feed(Array(chunk).span)
                fed += chunk.count
                text += chunk
                chunks += 1
                let held = fed - scanner.decidedOffset
                if held > 0 {
                    heldChunks += 1
                    let tail = String(decoding: text.suffix(min(held, 24)), as: UTF8.self)
                    tails[tail, default: 0] += 1
                }
                greatest = max(greatest, held)
            }
            most.append(greatest)
        }
        most.sort()
        func quantile(_ share: Double) -> Int {
            most.isEmpty ? 0 : most[min(most.count - 1, Int(Double(most.count) * share))]
        }
        let share = 100 * Double(chunks - heldChunks) / Double(max(1, chunks))
        print(
            "rules \(rules.rules.count) streams \(most.count) chunks \(chunks) no_hold_percent"
                + " \(share) held_bytes_p50 \(quantile(0.5)) p99 \(quantile(0.99))"
        )
        guard options.number("tails", 0) > 0 else { return }
        for (tail, count) in tails.sorted(by: { $0.value > $1.value }).prefix(40) {
            print("  \(count)\t\(tail.debugDescription)")
        }
    }
}

/// Patterns and texts on which backtracking engines hang, beside ordinary text.
enum Attack {
    private static let patterns = [
        "(?:a+)+b", "(?:a|aa)+b", "(?:a|a?)+b", "(?:.*a){12}b", "(?:x+x+)+y", "(?s)<<.*.*.*>>",
        "\\b(?:[a-z]+\\s?)*$", "a{1,300}c", "(?:(?:a{0,30}){0,30}){0,5}b", "[ab]*a[ab]{12}c",
        "(?:[a-z0-9]+[._-]?)+@(?:[a-z0-9]+[.]?)+[a-z]{2,5}",
    ]

    static func run(_ options: Options) throws {
        var texts: [(String, [UInt8])] = [
            ("aaaa", [UInt8](repeating: 0x61, count: 1 << 18)),
            ("xxxx", [UInt8](repeating: 0x78, count: 1 << 18)),
            ("abab", (0..<(1 << 18)).map { $0 & 1 == 0 ? 0x61 : 0x62 }),
            ("a a ", (0..<(1 << 18)).map { $0 & 1 == 0 ? 0x61 : 0x20 }),
            ("<<<<", [UInt8](repeating: 0x3c, count: 1 << 18)),
            ("4444", [UInt8](repeating: 0x34, count: 1 << 18)),
            ("\\u00", Array(String(repeating: "\\u00", count: 1 << 16).utf8)),
        ]
        let benign = Options.texts()
        if !benign.isEmpty { texts.append(("benign", Array(benign.joined().prefix(1 << 18)))) }
        for pattern in patterns {
            let quoted = pattern.replacing("'", with: "''")
            let pack = RulePackSource(
                name: "attack.yaml",
                text: """
                    pack: attack
                    rules:
                      - id: r
                        description: An attack
                        detect: { regex: '\(quoted)' }
                        action: redact
                    """
            )
            let rules: RuleSet
            do {
                rules = try RuleSet(packs: [pack])
            } catch {
                print("pattern \(pattern) refused: \(error)")
                continue
            }
            report(pattern, texts, rules)
        }
        report("shipped", texts, try options.rules())
    }

    private static func report(_ name: String, _ texts: [(String, [UInt8])], _ rules: RuleSet) {
        var line = "pattern \(name)"
        for (text, bytes) in texts {
            let seconds = ProcessorTime.of { _ = Speed.scan(bytes, rules, [4096]) } / 1000
            line += "  \(text) \(Int(Double(bytes.count) / seconds / 1000))"
        }
        print(line)
    }
}

/// The processor time that the process has used: the machine may be busy with other things.
enum ProcessorTime {
    static func milliseconds() -> Double {
        var time = timespec()
        // Safe: the clock is one that every system has, and `time` outlives the call.
        _ = unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1e6
    }

    static func of(_ work: () throws -> Void) rethrows -> Double {
        let start = milliseconds()
        try work()
        return milliseconds() - start
    }
}
