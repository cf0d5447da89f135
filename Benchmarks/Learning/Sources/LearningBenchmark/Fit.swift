import Foundation
import PrefLearning
import PrefModel

let axisNames = AnswerAxis.allCases.sorted { $0.index < $1.index }.map(\.rawValue)

/// The settings that the measurements favour; see docs/LEARNING.md.
func favoured() -> TypeFitting.Settings {
    var settings = TypeFitting.Settings()
    settings.types = 2
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

/// Prints `Data/types.json`.
func printTypes(_ folder: String) throws {
    let data = try ChoiceSet(name: "writers", file: folder + "/choices-writers.jsonl")
    guard let mixture = Population.mixture(data.choices, favoured()) else { return }
    let source =
        "\(data.users.count) people, \(data.choices.count) choices between short pieces of creative writing"
    print(
        String(decoding: try TypeMixture.file(mixture.types, source: source), as: UTF8.self)
    )
}

/// Compares the models that were tried.
func variants(_ folder: String) throws {
    let data = try ChoiceSet(name: "writers", file: folder + "/choices-writers.jsonl")
    func show(_ label: String, _ experiment: Experiment) {
        let results = experiment.run()
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
        var experiment = Experiment(data: data, settings: favoured(), lengthAxis: 0)
        experiment.sites = sites
        show("sites: " + sites.rawValue, experiment)
    }
    for isFull in [false, true] {
        for deviation in [0.1, 0.2, 0.3, 0.5] {
            for types in [1, 2, 3] {
                var settings = favoured()
                settings.isFull = isFull
                settings.deviation = deviation
                settings.types = types
                let label =
                    "\(types) types, deviation \(deviation), \(isFull ? "full" : "diagonal")"
                show(label, Experiment(data: data, settings: settings, lengthAxis: 0))
            }
        }
    }
}

/// The whole benchmark.
func run(_ folder: String, _ options: [String]) throws {
    let data = try ChoiceSet(
        name: "Writers' rankings",
        file: folder + "/choices-writers.jsonl"
    )
    let results = Experiment(data: data, settings: favoured(), lengthAxis: 0).run()
    Tables(data: data, results: results, axisNames: axisNames).print()
    try Dices(file: folder + "/ratings-dices.csv").print()
}
