import Foundation
import PrefTopics

/// Learns the weights of words and pairs of words: a logistic regression a topic.
struct Training {
    /// What is learned from: the other sources are kept for seeing how far it carries.
    private static let sources = [
        "issuebench-prompts", "issuebench-issues", "issuebench-harmless", "medquad",
        "expertqa-sensitive", "expertqa-plain",
    ]
    private static let topics = ["politics", "health", "law"]
    private static let rounds = 12
    private static let rate: Float = 0.5
    private static let decay: Float = 1e-5
    /// How rarely a harmless text may be taken for a topic's.
    private static let tolerance = 0.012
    /// In how many of the harmless texts a feature may stand.
    private static let commonShare = 0.02
    private static let rowsKept = 4000

    private struct Example {
        let features: [Int]
        let norm: Float
        let topic: Int?
        let importance: Float
    }

    /// Plain questions are few, and most like what people ask.
    private static func importance(of source: String) -> Float {
        source == "expertqa-plain" ? 4 : 1
    }

    func run(on cases: [Labelled], into path: String) throws {
        var order = cases.filter { $0.half == "tune" && Self.sources.contains($0.source) }
        var generator = Shuffle()
        order.shuffle(using: &generator)

        var counts: [UInt32: Int] = [:]
        let hashed = order.map { item in
            var folded = FoldedText()
            folded.append(item.text)
            var hashes: [UInt32] = []
            TextFeatures.visit(folded) { hashes.append($0) }
            for hash in Set(hashes) { counts[hash, default: 0] += 1 }
            return hashes
        }
        // Words that harmless texts are full of say how something is put, not what it is about.
        var common: [UInt32: Int] = [:]
        let harmless = zip(order, hashed).filter { $0.0.label == "personalizable" }
        for (_, hashes) in harmless { for hash in Set(hashes) { common[hash, default: 0] += 1 } }
        let most = Int(Double(harmless.count) * Self.commonShare)
        let keys = counts.filter { $0.value >= 4 && common[$0.key, default: 0] <= most }.keys
            .sorted()
        let places = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, $0) })
        let examples = zip(order, hashed).map { item, hashes in
            Example(
                features: hashes.compactMap { places[$0] },
                norm: 1 / Float(max(1, hashes.count)).squareRoot(),
                topic: Self.topics.firstIndex(of: item.topic),
                importance: Self.importance(of: item.source)
            )
        }
        // Where a score begins to count is settled on texts that were not learned from.
        let fold = examples.count * 3 / 4
        var weights: [[Float]] = []
        var biases: [Float] = []
        for topic in Self.topics.indices {
            let trial = fit(Array(examples[..<fold]), topic, features: keys.count)
            let harmless = examples[fold...].filter { $0.topic == nil }
                .map { score($0, trial.weights, trial.bias) }.sorted()
            let threshold = max(
                1,
                harmless[Int(Double(harmless.count) * (1 - Self.tolerance))]
            )
            let model = fit(examples, topic, features: keys.count)
            // From 0.6 on a score counts.
            let factor = 0.6 / threshold
            weights.append(model.weights.map { $0 * factor })
            biases.append(model.bias * factor)
            print("\(Self.topics[topic]): threshold \(threshold), bias \(model.bias)")
        }
        try write(keys, weights, biases, to: path)
    }

    private func fit(_ examples: [Example], _ topic: Int, features: Int)
        -> (weights: [Float], bias: Float)
    {
        var weights = [Float](repeating: 0, count: features)
        var squares = [Float](repeating: 1e-6, count: features)
        // Fixed: a text of which nothing is known is about nothing.
        let bias: Float = -1
        let positives = examples.count { $0.topic == topic }
        let harmless = examples.count { $0.topic == nil }
        let balance = min(20, Float(harmless) / Float(max(1, positives)))
        for _ in 0..<Self.rounds {
            for example in examples {
                let target: Float = example.topic == topic ? 1 : 0
                // Texts of other topics are no counterexamples: they may be about both.
                let importance: Float =
                    target == 1 ? max(1, balance) : example.topic == nil ? example.importance : 0.1
                let probability = 1 / (1 + exp(-score(example, weights, bias)))
                let error = (probability - target) * importance
                for feature in example.features {
                    let gradient = error * example.norm + Self.decay * weights[feature]
                    squares[feature] += gradient * gradient
                    weights[feature] -= Self.rate * gradient / squares[feature].squareRoot()
                }
            }
        }
        return (weights, bias)
    }

    private func score(_ example: Example, _ weights: [Float], _ bias: Float) -> Float {
        var sum: Float = 0
        for feature in example.features { sum += weights[feature] }
        return sum * example.norm + bias
    }

    private func write(_ keys: [UInt32], _ weights: [[Float]], _ biases: [Float], to path: String)
        throws
    {
        func strength(_ row: Int) -> Float { weights.map { abs($0[row]) }.max() ?? 0 }
        let kept = keys.indices.sorted { strength($0) > strength($1) }.prefix(Self.rowsKept)
            .sorted { keys[$0] < keys[$1] }
        // The few largest are cut off, so that the rest keeps its steps.
        let strengths = kept.map(strength).sorted()
        let scale = strengths[strengths.count * 99 / 100] / 127
        var bytes = Data()
        for row in kept {
            for shift in [0, 8, 16, 24] { bytes.append(UInt8(keys[row] >> UInt32(shift) & 0xff)) }
            for topic in weights.indices {
                let step = (weights[topic][row] / scale).rounded()
                bytes.append(UInt8(bitPattern: Int8(max(-127, min(127, step)))))
            }
        }
        let encoded = bytes.base64EncodedString(options: [
            .lineLength76Characters, .endLineWithLineFeed,
        ])
        let lines = [
            LearnedWeights.heading,
            "topics " + Self.topics.joined(separator: " "),
            "bias " + biases.map { "\($0)" }.joined(separator: " "),
            "scale \(scale)",
            encoded,
        ]
        try (lines.joined(separator: "\n") + "\n").write(
            toFile: path,
            atomically: true,
            encoding: .utf8
        )
        print("\(kept.count) rows of \(keys.count) features")
    }
}

/// The same order every time.
private struct Shuffle: RandomNumberGenerator {
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
