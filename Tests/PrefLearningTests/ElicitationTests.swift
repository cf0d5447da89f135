import PrefLearning
import PrefModel
import Testing

@Suite("Elicitation")
struct ElicitationTests {
    private func difference(_ question: ElicitationQuestion) -> [Double] {
        AnswerVector(question.features(ofFirst: true))
            .difference(from: AnswerVector(question.features(ofFirst: false)))
    }

    @Test("each question's answers differ most in what they are meant to", arguments: ElicitationQuestion.all)
    func questionsDiffer(question: ElicitationQuestion) {
        let x = difference(question)
        let meant = AnswerAxis.allCases.filter { question.differs.contains($0.dimension) }
            .map { abs(x[$0.index]) }.max() ?? 0
        #expect(meant >= 1, "\(question.id) differs by \(meant)")
        for axis in AnswerAxis.allCases where !question.differs.contains(axis.dimension) {
            #expect(abs(x[axis.index]) <= meant, "\(question.id): \(axis) by \(x[axis.index]), meant \(meant)")
        }
    }
}
