private import FoundationEssentials
public import PrefModel

/// The topics in force: compiled once, immutable, shared by all requests.
///
/// A topic set is whole or not there: where anything is wrong with a file, all of it is refused.
public struct TopicSet: Sendable {
    /// What is compiled: one reference, since a set is handed on at every request.
    private final class Compiled: Sendable {
        let topics: [Topic]
        let lexicon: Lexicon
        let learned: LearnedWeights?
        let learnedPlaces: [Int?]

        init(topics: [Topic], lexicon: Lexicon, learned: LearnedWeights?) {
            self.topics = topics
            self.lexicon = lexicon
            self.learned = learned
            let names = topics.map(\.name)
            learnedPlaces = learned?.topics.map { names.firstIndex(of: $0) } ?? []
        }
    }

    private let compiled: Compiled

    /// The topics, in the order of their files.
    public var topics: [Topic] { compiled.topics }

    var lexicon: Lexicon { compiled.lexicon }
    var learned: LearnedWeights? { compiled.learned }
    /// For each topic of the weights its place here, or nil.
    var learnedPlaces: [Int?] { compiled.learnedPlaces }

    /// Whether two are the very same, so that they find the same in every text.
    public func isSame(as other: TopicSet) -> Bool { compiled === other.compiled }

    /// No topics at all: every request is personalizable.
    public static let none = TopicSet(topics: [], lexicon: Lexicon(terms: [], combinations: []))

    private init(topics: [Topic], lexicon: Lexicon) {
        compiled = Compiled(topics: topics, lexicon: lexicon, learned: nil)
    }

    /// Reads and compiles files.
    ///
    /// - Parameter files: the files, in order; no topic may occur twice.
    /// - Throws: everything that is wrong with the files.
    public init(files: [TopicSource]) throws(TopicError) {
        try self.init(files: files, problems: [])
    }

    /// Reads the files of a directory: its `*.yaml` and `*.weights` files, by name.
    ///
    /// - Parameter directory: the directory's path.
    /// - Returns: the topics of all files.
    /// - Throws: everything that is wrong with the directory or the files.
    public static func load(directory: String) throws(TopicError) -> TopicSet {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        } catch {
            throw TopicError(problems: [
                TopicError.Problem(
                    file: directory,
                    line: nil,
                    message: "the directory of topics cannot be read; check the path and that"
                        + " prefd may read it"
                )
            ])
        }
        var files: [TopicSource] = []
        var problems: [TopicError.Problem] = []
        for name in names where !name.hasPrefix(".") {
            let path = directory.hasSuffix("/") ? directory + name : directory + "/" + name
            func note(_ message: String) {
                problems.append(TopicError.Problem(file: path, line: nil, message: message))
            }
            if name.hasSuffix(".yml") {
                note("files of topics end in .yaml; rename it, or move it away")
            }
            guard name.hasSuffix(".yaml") || name.hasSuffix(".weights") else { continue }
            guard let data = FileManager.default.contents(atPath: path) else {
                note("it cannot be read; check its permissions")
                continue
            }
            guard let text = String(validating: data, as: UTF8.self) else {
                note("it is not UTF-8 text")
                continue
            }
            files.append(TopicSource(name: path, text: text))
        }
        if files.isEmpty, problems.isEmpty {
            problems.append(
                TopicError.Problem(
                    file: directory,
                    line: nil,
                    message: "it has no file of topics; copy those that are shipped, or leave"
                        + " tiers.directory out for the built-in ones"
                )
            )
        }
        return try TopicSet(files: files, problems: problems)
    }

    /// The topics that prefd ships with.
    ///
    /// - Throws: what is wrong with them; a test of prefd's own keeps that from happening.
    public static func builtIn() throws(TopicError) -> TopicSet {
        try TopicSet(files: BuiltIn.files)
    }

    private init(files: [TopicSource], problems: [TopicError.Problem]) throws(TopicError) {
        var reader = TopicFileReader()
        var problems = problems
        var learned: LearnedWeights?
        var topics: [Topic] = []
        var places: [String: String] = [:]
        var terms: [(term: Term, meaning: Lexicon.Meaning)] = []
        var combinations: [Lexicon.Combination] = []
        for source in files {
            if source.name.hasSuffix(".weights") {
                do throws(LearnedWeights.Malformed) {
                    learned = try LearnedWeights(text: source.text)
                } catch {
                    problems.append(
                        TopicError.Problem(
                            file: source.name,
                            line: error.line,
                            message: error.message + "; take the shipped file, or leave it out"
                        )
                    )
                }
                continue
            }
            guard let file = reader.read(source) else { continue }
            if let topic = file.topic {
                if let first = places.updateValue(
                    "\(source.name):\(file.place)",
                    forKey: topic.name
                ) {
                    problems.append(
                        TopicError.Problem(
                            file: source.name,
                            line: file.place,
                            message: "topic \(topic.name) is already at \(first); join them"
                        )
                    )
                }
                topics.append(topic)
            }
            let place = file.topic == nil ? nil : topics.count - 1
            terms += file.terms.map { ($0.term, Lexicon.Meaning(topic: place, kind: $0.kind)) }
            guard let place else { continue }
            for slots in file.combinations {
                for (slot, words) in slots.enumerated() {
                    let kind = Lexicon.Meaning.Kind.part(
                        combination: combinations.count,
                        slot: slot
                    )
                    terms += words.map { ($0, Lexicon.Meaning(topic: place, kind: kind)) }
                }
                combinations.append(
                    Lexicon.Combination(
                        topic: place,
                        firstSlot: combinations.last.map { $0.firstSlot + $0.slots } ?? 0,
                        slots: slots.count
                    )
                )
            }
        }
        problems += reader.problems
        if topics.count > 64 {
            problems.append(
                TopicError.Problem(
                    file: files[0].name,
                    line: nil,
                    message: "there are \(topics.count) topics, and 64 at most; join some"
                )
            )
        }
        guard problems.isEmpty else { throw TopicError(problems: problems) }
        compiled = Compiled(
            topics: topics,
            lexicon: Lexicon(terms: terms, combinations: combinations),
            learned: learned
        )
    }
}
