import Foundation
import PrefRules

/// Measures the rule engine; `run.sh` calls it and puts its figures beside others'.
///
/// Texts come on standard input, one after the other, each ended by a zero byte.
@main
struct RuleBench {
    static func main() throws {
        var arguments = Array(CommandLine.arguments.dropFirst())
        guard let mode = arguments.first else { return usage() }
        arguments.removeFirst()
        let options = Options(arguments)
        switch mode {
        case "compile": try Compiling.run(options)
        case "speed": try Speed.run(options)
        case "hits": try Hits.run(options)
        case "holds": try Holds.run(options)
        case "invariance": try Invariance.run(options)
        case "attack": try Attack.run(options)
        default: usage()
        }
    }

    private static func usage() {
        let modes = "compile|speed|hits|holds|invariance|attack"
        print("usage: rulebench \(modes) [--packs DIR] [--rules N] …")
    }
}

/// `--name value` pairs.
struct Options {
    private var values: [String: String] = [:]

    init(_ arguments: [String]) {
        var index = 0
        while index + 1 < arguments.count {
            values[arguments[index]] = arguments[index + 1]
            index += 2
        }
    }

    func text(_ name: String) -> String? { values["--" + name] }
    func number(_ name: String, _ fallback: Int) -> Int {
        values["--" + name].flatMap { Int($0) } ?? fallback
    }

    /// The shipped packs or those of `--packs`, and as many made-up rules as make `--rules`.
    func rules() throws -> RuleSet {
        let sources = try packs()
        let shipped = try RuleSet(packs: sources, runningCases: false)
        let wanted = number("rules", 0)
        guard wanted > shipped.rules.count else { return shipped }
        let extra = MadeUpRules(seed: UInt64(number("seed", 1)))
            .pack(count: wanted - shipped.rules.count)
        return try RuleSet(packs: sources + [extra], runningCases: false)
    }

    func packs() throws -> [RulePackSource] {
        let directory = text("packs") ?? "config/rules.d"
        return try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
            .filter { $0.hasSuffix(".yaml") }
            .map { name in
                RulePackSource(
                    name: name,
                    text: try String(contentsOfFile: directory + "/" + name, encoding: .utf8)
                )
            }
    }

    /// The texts on standard input.
    static func texts() -> [[UInt8]] {
        FileHandle.standardInput.readDataToEndOfFile()
            .split(separator: 0, omittingEmptySubsequences: false).dropLast().map(Array.init)
    }
}
