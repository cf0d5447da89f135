private import FoundationEssentials

/// A linear model over words and pairs of words, as learned by `Benchmarks/Topics/train.sh`.
///
/// A feature is known by a 32-bit hash: what was not in the training data is almost never taken for
/// something that was.
package struct LearnedWeights: Sendable {
    /// The topics it has weights for.
    let topics: [String]
    private let bias: [Float]
    private let scale: Float
    /// Open addressing; 0 is free.
    private let keys: [UInt32]
    private let rows: [Int8]

    /// The first line of a file of weights.
    package static let heading = "prefd topic weights 1"

    /// One in how many features must be known.
    private static let knownShare = 4

    /// Why a text is no file of weights.
    struct Malformed: Error {
        let line: Int
        let message: String
    }

    /// Reads the text form: heading, topics, bias, scale, and rows in Base64.
    ///
    /// A row is the feature's hash (32 bits, least significant byte first) and a signed byte a topic.
    init(text: String) throws(Malformed) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        func fields(_ index: Int, _ name: String) throws(Malformed) -> [Substring] {
            guard index < lines.count else {
                throw Malformed(line: lines.count, message: "the line '\(name) …' is missing")
            }
            let words = lines[index].split(separator: " ")
            guard words.first.map(String.init) == name, words.count > 1 else {
                throw Malformed(line: index + 1, message: "the line '\(name) …' is missing")
            }
            return Array(words.dropFirst())
        }
        guard lines.first.map(String.init) == Self.heading else {
            throw Malformed(line: 1, message: "it does not begin with '\(Self.heading)'")
        }
        topics = try fields(1, "topics").map(String.init)
        bias = try fields(2, "bias").compactMap { Float($0) }
        guard bias.count == topics.count, topics.count <= 32 else {
            throw Malformed(line: 3, message: "it needs a number for each topic")
        }
        guard let scale = try fields(3, "scale").first.flatMap({ Float($0) }) else {
            throw Malformed(line: 4, message: "the scale must be a number")
        }
        self.scale = scale
        guard let data = Data(base64Encoded: lines.dropFirst(4).joined()) else {
            throw Malformed(line: 5, message: "the rows are not Base64")
        }
        let bytes = [UInt8](data)
        let width = 4 + topics.count
        guard bytes.count.isMultiple(of: width) else {
            throw Malformed(line: 5, message: "the rows do not fit the number of topics")
        }
        let count = bytes.count / width
        var size = 16
        while size < count * 2 { size *= 2 }
        var keys = [UInt32](repeating: 0, count: size)
        var rows = [Int8](repeating: 0, count: size * topics.count)
        for row in 0..<count {
            let start = row * width
            let key =
                UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8
                | UInt32(bytes[start + 2]) << 16 | UInt32(bytes[start + 3]) << 24
            var place = Int(key) & (size - 1)
            while keys[place] != 0 { place = (place + 1) & (size - 1) }
            keys[place] = key
            for topic in 0..<topics.count {
                rows[place * topics.count + topic] = Int8(bitPattern: bytes[start + 4 + topic])
            }
        }
        self.keys = keys
        self.rows = rows
    }

    /// The model's scores of a text, one a topic: below 0 against it, above 0 for it.
    ///
    /// Nil where it knows too little of the text to say.
    func scores(of text: FoldedText) -> [Float]? {
        var sums = [Int32](repeating: 0, count: topics.count)
        var features = 0
        var known = 0
        let (keys, rows, mask) = (keys.span, rows.span, keys.count - 1)
        var totals = sums.mutableSpan
        TextFeatures.visit(text) { hash in
            features += 1
            var place = Int(hash) & mask
            while keys[place] != hash {
                if keys[place] == 0 { return }
                place = (place + 1) & mask
            }
            known += 1
            let row = place * totals.count
            for topic in totals.indices { totals[topic] &+= Int32(rows[row + topic]) }
        }
        guard known > 1, known * Self.knownShare >= features else { return nil }
        let norm = scale / Float(features).squareRoot()
        return (0..<sums.count).map { Float(sums[$0]) * norm + bias[$0] }
    }
}

/// The features of a text that weights are learned for: its words, and its pairs of words.
package enum TextFeatures {
    /// Calls `visit` with each feature's hash, never 0.
    ///
    /// Scripts without spaces have none.
    @inline(__always)
    package static func visit(_ text: FoldedText, _ visit: (UInt32) -> Void) {
        var previous: UInt32 = 0
        for start in text.starts {
            guard start.isWord else {
                previous = 0
                continue
            }
            let hash = start.hash
            visit(max(1, hash))
            if previous != 0 { visit(max(1, (previous &* 0x9e37_79b1) ^ hash)) }
            previous = hash
        }
    }
}
