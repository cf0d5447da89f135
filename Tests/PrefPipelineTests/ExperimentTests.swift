import PrefModel
import TestSupport
import Testing

@testable import PrefPipeline

@Suite("Leaving one learned directive out")
struct ExperimentTests {
    private func directive(_ name: String, _ source: PreferenceSource) -> Directive {
        Directive(
            key: PreferenceKey(dimension: DimensionID(rawValue: name)),
            value: "v",
            source: source,
            text: name
        )
    }

    @Test(
        "one in ten requests leaves one out, each learned directive as often, never one that was set"
    )
    func frequencies() {
        let directives = [
            directive("tone", .explicit), directive("verbosity", .learned),
            directive("format", .learned),
        ]
        var random = SeededGenerator(seed: 7)
        var left: [String: Int] = [:]
        for _ in 0..<10_000 {
            let experiment = Experiment(among: directives, using: &random)
            #expect(experiment.arms.map(\.key.dimension.rawValue) == ["verbosity", "format"])
            #expect(experiment.arms.allSatisfy { $0.propensity == 0.95 })
            #expect(experiment.arms.count { !$0.isKept } == (experiment.withheld == nil ? 0 : 1))
            if let withheld = experiment.withheld { left[withheld.text, default: 0] += 1 }
        }
        #expect(left.keys.sorted() == ["format", "verbosity"])
        for count in left.values { #expect((400...600).contains(count)) }
    }

    @Test("with nothing learned there is nothing to leave out")
    func nothing() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<100 {
            let experiment = Experiment(among: [directive("tone", .explicit)], using: &random)
            #expect(experiment.withheld == nil)
            #expect(experiment.arms.isEmpty)
        }
    }
}
