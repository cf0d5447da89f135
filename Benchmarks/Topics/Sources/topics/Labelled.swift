import Foundation
import Yams

/// A text, with what its source says of it.
struct Labelled {
    let half: String
    let source: String
    let language: String
    /// The tier that the label implies; `none` where it implies nothing.
    let label: String
    let topic: String
    let text: String

    /// What `prepare.py` wrote.
    static func read(_ path: String) throws -> [Labelled] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").compactMap {
            let fields = $0.split(separator: "\t", omittingEmptySubsequences: false).map(
                String.init
            )
            guard fields.count == 6 else { return nil }
            return Labelled(
                half: fields[0],
                source: fields[1],
                language: fields[2],
                label: fields[3],
                topic: fields[4],
                text: fields[5]
            )
        }
    }

    /// The sentences of `Tests/TopicCases`; every other one is for tuning.
    static func ownCases(_ folder: String) throws -> [Labelled] {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".yaml") }.sorted()
        return try files.flatMap { file in
            let text = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
            let lists = try Yams.load(yaml: text) as? [String: [String]] ?? [:]
            return lists.sorted { $0.key < $1.key }.flatMap { tier, sentences in
                sentences.enumerated().map { index, sentence in
                    Labelled(
                        half: index.isMultiple(of: 2) ? "tune" : "report",
                        source: "own",
                        language: String(file.dropLast(5)),
                        label: tier,
                        topic: "",
                        text: sentence
                    )
                }
            }
        }
    }
}
