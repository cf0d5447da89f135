import Foundation
import PrefLearning
import TestSupport
import Testing

@Suite("Latent types")
struct TypeFittingTests {
    /// Users of two kinds, who want opposite things on the first of two axes.
    private func users(_ random: inout SeededGenerator) -> [Evidence] {
        (0..<40).map { index in
            let weights = [index % 2 == 0 ? 2.0 : -2.0, 1.0]
            var evidence = Evidence(axes: 2)
            for _ in 0..<60 {
                let x = (0..<2).map { _ in Double.random(in: -2...2, using: &random) }
                let utility = zip(weights, x).reduce(0) { $0 + $1.0 * $1.1 }
                let isChosen = Double.random(in: 0..<1, using: &random) < 1 / (1 + exp(-utility))
                evidence.add(
                    Likelihood.choice(isChosen ? x : x.map { -$0 }, spread: 2)
                )
            }
            return evidence
        }
    }

    @Test("are found where they are")
    func found() throws {
        var random = SeededGenerator(seed: 8)
        var settings = TypeFitting.Settings()
        settings.types = 2
        let mixture = try #require(TypeFitting(settings).fit(users(&random)))
        let firsts = mixture.types.map { $0.mean[0] }.sorted()
        #expect(firsts[0] < -0.7 && firsts[1] > 0.7)
        #expect(mixture.types.allSatisfy { $0.mean[1] > 0.3 && $0.share > 0.3 })
    }
}
