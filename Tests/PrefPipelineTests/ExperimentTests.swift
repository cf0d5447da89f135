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
        "one in ten requests leaves any out, each learned directive as often, never one that was set"
    )
    func frequencies() {
        let directives = [
            directive("tone", .explicit), directive("verbosity", .learned),
            directive("format", .learned),
        ]
        var random = SeededGenerator(seed: 7)
        var left: [String: Int] = [:]
        var requests = 0
        for _ in 0..<10_000 {
            let experiment = Experiment(among: directives, using: &random)
            #expect(experiment.arms.map(\.key.dimension.rawValue) == ["verbosity", "format"])
            for arm in experiment.arms {
                #expect(abs(arm.propensity * arm.propensity - 0.9) < 1e-12)
            }
            #expect(experiment.arms.count { !$0.isKept } == experiment.withheld.count)
            if !experiment.withheld.isEmpty { requests += 1 }
            for withheld in experiment.withheld { left[withheld.text, default: 0] += 1 }
        }
        #expect((900...1_100).contains(requests))
        #expect(left.keys.sorted() == ["format", "verbosity"])
        for count in left.values { #expect((430...600).contains(count)) }
    }

    @Test("the coins are independent: both are left out as often as the product says")
    func independence() {
        let directives = [directive("verbosity", .learned), directive("format", .learned)]
        var random = SeededGenerator(seed: 11)
        var both = 0
        for _ in 0..<100_000 {
            let experiment = Experiment(among: directives, using: &random)
            if experiment.withheld.count == 2 { both += 1 }
        }
        // (1 − √0.9)² of 100,000 is 263.
        #expect((200...330).contains(both))
    }

    @Test("with nothing learned there is nothing to leave out")
    func nothing() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<100 {
            let experiment = Experiment(among: [directive("tone", .explicit)], using: &random)
            #expect(experiment.withheld.isEmpty)
            #expect(experiment.arms.isEmpty)
        }
    }
}
