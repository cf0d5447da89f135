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

    @Test("of one Gaussian felt more or less strongly tell who chooses by what the axes show")
    func strengths() throws {
        var random = SeededGenerator(seed: 8)
        var settings = TypeFitting.Settings()
        settings.strengths = [0.5, 1, 2]
        let everyone = users(&random)
        let mixture = try #require(TypeFitting(settings).fit(everyone))
        #expect(mixture.types.count == 3)
        for (type, strength) in zip(mixture.types, settings.strengths) {
            #expect(abs(type.mean[1] - strength * mixture.types[1].mean[1]) < 1e-12)
            #expect(
                abs(type.covariance[0] - strength * strength * mixture.types[1].covariance[0])
                    < 1e-12
            )
        }
        let strong = Belief(mixture, evidence: everyone[0]).typeShares
        #expect(strong[2] > strong[0])
    }

    private func start() throws -> TypeMixture {
        let wide = [1.0, 0, 0, 1]
        return try #require(
            TypeMixture([
                UserType(share: 0.5, mean: [0.5, 0], covariance: wide),
                UserType(share: 0.5, mean: [-0.5, 0], covariance: wide),
            ])
        )
    }

    @Test("move from where they start toward users who have been met, the more of them the further")
    func refined() throws {
        var random = SeededGenerator(seed: 8)
        let (start, users) = (try start(), users(&random))
        var (few, many) = (start, start)
        for _ in 0..<20 {
            few = try #require(
                TypeFitting.refine(few, from: start, startUsers: 40, on: Array(users.prefix(4)))
            )
            many = try #require(TypeFitting.refine(many, from: start, startUsers: 40, on: users))
        }
        for axis in 0..<2 {
            #expect(abs(few.types[0].mean[axis] - start.types[0].mean[axis]) < 0.2)
        }
        #expect(many.types[0].mean[0] > 0.7 && many.types[1].mean[0] < -0.7)
        #expect(many.mean[1] > 0.25)
        #expect(abs(many.types.reduce(0) { $0 + $1.share } - 1) < 1e-9)
    }

    @Test("ship with how far people differ on each axis, and lean toward nothing on any")
    func shipped() throws {
        let shipped = TypeMixture.standard
        #expect(shipped.types.count > 1)
        #expect(shipped.mean.allSatisfy { $0 == 0 })
        for type in shipped.types {
            #expect(type.mean.allSatisfy { $0 == 0 })
            #expect((0..<shipped.axes).allSatisfy { type.covariance[$0 * shipped.axes + $0] > 0 })
        }
        let belief = Belief(shipped, evidence: Evidence(axes: shipped.axes))
        let longer = (0..<shipped.axes).map { $0 == AnswerAxis.length.index ? 1.0 : 0 }
        #expect(abs(belief.probability(longer) - 0.5) < 1e-9)
    }

    @Test("stay where they are without users, and refuse evidence over other axes")
    func unmoved() throws {
        let start = try start()
        let same = try #require(TypeFitting.refine(start, from: start, startUsers: 40, on: []))
        #expect(same.types == start.types)
        #expect(
            TypeFitting.refine(start, from: start, startUsers: 40, on: [Evidence(axes: 3)]) == nil
        )
    }
}
