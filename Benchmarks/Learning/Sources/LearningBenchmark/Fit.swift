import Foundation
import PrefLearning
import PrefModel
import TestSupport

let axisNames = AnswerAxis.allCases.sorted { $0.index < $1.index }.map(\.rawValue)

/// The model that the starting point which ships is fitted with; see docs/LEARNING.md.
func shipped() -> TypeFitting.Settings {
    var settings = TypeFitting.Settings()
    settings.strengths = [0.5, 1, 2]
    settings.deviation = 0.4
    settings.covarianceUsers = 1
    return settings
}

private struct Text: Decodable {
    let group: String
    let text: String
}

/// Prints `Data/reference.json`.
func printReference(_ folder: String) throws {
    let lines = try String(contentsOfFile: folder + "/texts.jsonl", encoding: .utf8)
    let texts = try lines.split(separator: "\n").map {
        try JSONDecoder().decode(Text.self, from: Data($0.utf8))
    }
    let groups = Dictionary(grouping: texts, by: \.group).sorted { $0.key < $1.key }
    let reference = Reference.measured(
        groups: groups.map { $0.value.map { AnswerFeatures.measure($0.text) } },
        source: groups.map { "\($0.key): \($0.value.count) texts" }.joined(separator: ", ")
    )
    print(String(decoding: try PrefJSON.encode(reference, pretty: true), as: UTF8.self))
}

/// Differences between answers drawn at random from the reference's texts.
func differences(_ folder: String, count: Int) throws -> [[Double]] {
    let lines = try String(contentsOfFile: folder + "/texts.jsonl", encoding: .utf8)
    let groups = Dictionary(
        grouping: try lines.split(separator: "\n").map {
            try JSONDecoder().decode(Text.self, from: Data($0.utf8))
        },
        by: \.group
    ).sorted { $0.key < $1.key }.map { group in
        group.value.map { AnswerVector(AnswerFeatures.measure($0.text)) }
    }
    var random = SeededGenerator(seed: 3)
    return (0..<count).compactMap { _ in
        guard let group = groups.randomElement(using: &random),
            let one = group.randomElement(using: &random),
            let other = group.randomElement(using: &random)
        else { return nil }
        return one.difference(from: other)
    }
}

/// Prints `Data/types.json`.
func printTypes(_ folder: String) throws {
    let data = try ChoiceSet(name: "writers", file: folder + "/choices-writers.jsonl")
    // How far people differ is taken from them, shrunk by as many again; what they like is not: they judged
    // creative writing, and a start that leans their way is worse than none for people who did not.
    var settings = shipped()
    settings.meanUsers = 1e9
    settings.covarianceUsers = Double(data.users.count)
    guard let mixture = Population.mixture(data.choices, settings) else { return }
    let source =
        "\(data.users.count) people, \(data.choices.count) choices between short pieces of creative writing"
    print(
        String(decoding: try TypeMixture.file(mixture.types, source: source), as: UTF8.self)
    )
}

/// Compares the models that were tried.
func variants(_ folder: String) throws {
    let data = try ChoiceSet(name: "writers", file: folder + "/choices-writers.jsonl")
    func show(
        _ label: String,
        _ settings: TypeFitting.Settings,
        sites: Experiment.Sites = .bounded
    ) {
        let only = [Candidate(label, settings)]
        let results = Experiment(data: data, candidates: only, sites: sites).run()
        func at(_ count: Int) -> String {
            String(format: "%.1f", 100 * mean(results.map { accuracy($0.personal[count] ?? []) }))
        }
        let all = results.flatMap { $0.personal[Experiment.all] ?? [] }
        let loss = -mean(all.map { log(max(1e-9, $0)) })
        print(
            row(
                [label, at(0), at(5), at(20), at(Experiment.all), String(format: "%.4f", loss)],
                widths: [44, 6, 6, 6, 6, 8]
            )
        )
    }
    print(row(["model", "0", "5", "20", "all", "log loss"], widths: [44, 6, 6, 6, 6, 8]))
    for sites in Experiment.Sites.allCases {
        show("sites: " + sites.rawValue, shipped(), sites: sites)
    }
    for strengths in [[1], [0.5, 1, 2]] {
        for users in [1.0, 3, 10] {
            var settings = shipped()
            settings.strengths = strengths
            settings.covarianceUsers = users
            let label = "strengths \(strengths), spreads shrunk by \(Int(users)) users"
            show(label, settings)
        }
    }
    for isFull in [false, true] {
        for deviation in [0.2, 0.3, 0.4, 0.5] {
            for types in [1, 2, 3] {
                var settings = TypeFitting.Settings()
                settings.isFull = isFull
                settings.deviation = deviation
                settings.types = types
                let label =
                    "\(types) types, deviation \(deviation), \(isFull ? "full" : "diagonal")"
                show(label, settings)
            }
        }
    }
}

/// The whole benchmark.
func run(_ folder: String, _ options: [String]) throws {
    let writers = try ChoiceSet(
        name: "Writers' rankings",
        file: folder + "/choices-writers.jsonl"
    )
    let results = Experiment(data: writers).run()
    Tables(data: writers, results: results, axisNames: axisNames).print()
    for (index, option) in options.enumerated() where option == "--data" {
        let file = options[index + 1]
        let name = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
        OwnData(
            own: try ChoiceSet(name: name, file: file),
            writers: writers,
            forward: options.contains("--forward")
        ).print()
    }
    let dices = try Dices(file: folder + "/ratings-dices.csv")
    dices.print()
    dices.printChoices()
    let pool = try differences(folder, count: 2000)
    Simulation(pool: pool).print()
    Cost(pool: pool, texts: try writers.texts(folder + "/choices-writers.jsonl")).print()
}
