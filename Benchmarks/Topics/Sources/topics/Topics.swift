import Foundation
import PrefModel
import PrefTopics

/// The benchmark's program; `run.sh` and `train.sh` call it.
@main
enum TopicsBenchmark {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch arguments.first {
        case "evaluate" where arguments.count >= 4:
            let began = ContinuousClock.now
            let set = try TopicSet.load(directory: arguments[1])
            print("loaded \(set.topics.count) topics in \(ContinuousClock.now - began)")
            let cases = try Labelled.read(arguments[2]) + Labelled.ownCases(arguments[3])
            let options = Set(arguments.dropFirst(4))
            Evaluation(set: set).print(cases, misses: options.contains("--misses"))
            Timing(set: set).print(cases)
        case "explain" where arguments.count == 3:
            Self.explain(arguments[2], try TopicSet.load(directory: arguments[1]))
        case "train" where arguments.count == 3:
            try Training().run(on: try Labelled.read(arguments[1]), into: arguments[2])
        default:
            print("usage: topics evaluate TIERS.d LABELLED.tsv CASES [--misses]")
            print("       topics explain TIERS.d TEXT")
            print("       topics train LABELLED.tsv OUT.weights")
            exit(2)
        }
    }

    /// Which words of a text speak for what.
    private static func explain(_ text: String, _ set: TopicSet) {
        for finding in set.findings(in: text) { print("\(finding)") }
        let words = text.split(separator: " ")
        for start in words.indices {
            for length in 1...5 where start + length <= words.count {
                let phrase = words[start..<start + length].joined(separator: " ")
                let found = set.findings(in: phrase + " " + phrase)
                guard !found.isEmpty else { continue }
                print("  \(phrase): \(found.map { "\($0.topic) \($0.score)" })")
                break
            }
        }
    }
}
