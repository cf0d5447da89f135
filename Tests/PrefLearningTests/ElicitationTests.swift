import Foundation
import PrefLearning
import PrefModel
import Testing

@Suite("Elicitation")
struct ElicitationTests {
    private func difference(_ question: ElicitationQuestion) -> [Double] {
        AnswerVector(question.features(ofFirst: true))
            .difference(from: AnswerVector(question.features(ofFirst: false)))
    }

    @Test(
        "each question's answers differ most in what they are meant to",
        arguments: ElicitationQuestion.all
    )
    func questionsDiffer(question: ElicitationQuestion) {
        let x = difference(question)
        let meant =
            AnswerAxis.allCases.filter { question.differs.contains($0.dimension) }
            .map { abs(x[$0.index]) }.max() ?? 0
        #expect(meant >= 1, "\(question.id) differs by \(meant)")
        for axis in AnswerAxis.allCases where !question.differs.contains(axis.dimension) {
            #expect(
                abs(x[axis.index]) <= meant,
                "\(question.id): \(axis) by \(x[axis.index]), meant \(meant)"
            )
        }
    }

    @Test("the next question is the one expected to tell most, and asking ends")
    func next() throws {
        let learner = Learner()
        let belief = learner.belief(of: UserModel(), at: .distantPast)
        let elicitation = Elicitation()
        let best = try #require(elicitation.next(belief))
        let gains = elicitation.candidates(belief).map(\.gain)
        #expect(best.gain == gains.max())
        #expect(
            elicitation.next(belief, asked: [best.question.id])?.question.id != best.question.id
        )
        let everything = Set(ElicitationQuestion.all.map(\.id))
        #expect(elicitation.next(belief, asked: everything) == nil)
        #expect(Elicitation(leastGain: 0.7).next(belief) == nil)
    }

    @Test("dimensions that the user has set are not asked about")
    func settled() {
        let belief = Learner().belief(of: UserModel(), at: .distantPast)
        let emoji = DimensionID(rawValue: "emoji")
        let open = Elicitation().candidates(belief, settled: [emoji])
        #expect(open.allSatisfy { $0.question.differs != [emoji] })
        #expect(open.count < ElicitationQuestion.all.count)
    }

    @Test("an answer makes its question worth less")
    func learns() throws {
        let learner = Learner()
        let elicitation = Elicitation()
        var model = UserModel()
        let before = elicitation.candidates(learner.belief(of: model, at: .distantPast))
        let first = try #require(before.first)
        let x = try #require(elicitation.difference(of: first.question.id))
        for _ in 0..<5 {
            learner.absorb(
                [Observation(x: x, response: .preferred)],
                of: .choice,
                at: .distantPast,
                levels: [],
                into: &model
            )
        }
        let after = elicitation.candidates(learner.belief(of: model, at: .distantPast))
        #expect(try #require(after.first).gain < first.gain)
    }
}
