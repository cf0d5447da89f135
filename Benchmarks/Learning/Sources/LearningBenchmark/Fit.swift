import Foundation
import PrefLearning
import PrefModel
import TestSupport

let axisNames = AnswerAxis.allCases.sorted { $0.index < $1.index }.map(\.rawValue)

/// The settings that the measurements favour; see docs/LEARNING.md.
func favoured() -> TypeFitting.Settings {
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
    // All of these people judged creative writing: what they agree on, and how far, is trusted half as
    // far for what else people ask.
    var settings = favoured()
    settings.meanUsers = Double(data.users.count)
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
    for strengths in [[1], [0.5, 1, 2]] {
        for users in [1.0, 3, 10] {
            var settings = favoured()
            settings.strengths = strengths
            settings.covarianceUsers = users
            let label = "strengths \(strengths), spreads shrunk by \(Int(users)) users"
            show(label, Experiment(data: data, settings: settings, lengthAxis: 0))
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
    for (index, option) in options.enumerated() where option == "--data" {
        let file = options[index + 1]
        let name = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
        let own = try ChoiceSet(name: name, file: file)
        var experiment = Experiment(data: own, settings: favoured(), lengthAxis: 0)
        experiment.forward = options.contains("--forward")
        Tables(data: own, results: experiment.run(), axisNames: axisNames).print()
    }
    let dices = try Dices(file: folder + "/ratings-dices.csv")
    dices.print()
    let (set, folds, axes) = dices.choices()
    var settings = favoured()
    settings.deviation = 1
    let judged = Experiment(data: set, settings: settings, lengthAxis: 0).run(folds)
    Tables(data: set, results: judged, axisNames: axes).print()
    let scrambled = dices.choices(scrambled: true)
    let control = Experiment(data: scrambled.set, settings: settings, lengthAxis: 0)
        .run(scrambled.folds)
    let chance = [
        Interval(control.map { accuracy($0.average) }),
        Interval(control.map { accuracy($0.personal[Experiment.all] ?? []) }),
    ]
    print(
        "Control, the tested people's judgements dealt anew: (c) \(chance[0].percent), (e) \(chance[1].percent)"
    )
    let pool = try differences(folder, count: 2000)
    Simulation(pool: pool).print()
    Cost(pool: pool, texts: try data.texts(folder + "/choices-writers.jsonl")).print()
}
