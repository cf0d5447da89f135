import Foundation
import PrefLearning
import PrefModel
import Testing

@Suite("From posterior to directive")
struct DirectiveTests {
    private let learner = Learner()
    private let now = Date(timeIntervalSince1970: 1_700_000_000)

    private func asked(_ axis: AnswerAxis, _ sign: Double, times: Int) -> UserModel {
        var model = UserModel()
        for id in 0..<times {
            learner.absorb(
                Signal(
                    id: "\(id)",
                    requestID: nil,
                    kind: .followup,
                    at: now,
                    context: nil,
                    directives: [],
                    features: [Observation.askedRole: FollowupReader.features([axis: sign])]
                ),
                into: &model
            )
        }
        return model
    }

    private func read(
        _ model: UserModel,
        _ policy: DirectivePolicy = DirectivePolicy(),
        at date: Date? = nil
    ) -> [LearnedPreference] {
        let date = date ?? now
        return DirectiveReading(policy: policy)
            .preferences(of: model, belief: learner.belief(of: model, at: date), at: date)
    }

    @Test("nothing is set for someone of whom nothing is known")
    func unknown() { #expect(read(UserModel()).isEmpty) }

    @Test("what is asked for again and again becomes a preference, with its evidence")
    func learned() throws {
        let learned = try #require(read(asked(.emoji, -1, times: 12)).first)
        #expect(learned.key == PreferenceKey(dimension: DimensionID(rawValue: "emoji")))
        #expect(learned.value == "none")
        #expect(learned.probability >= 0.9)
        let evidence = try #require(learned.evidence.first)
        #expect(learned.evidence.count == 1)
        #expect(evidence.kind == .followup && evidence.forIt == 12 && evidence.against == 0)
        #expect(learned.lastConfirmed == now)
        #expect(!learned.isStale)
        #expect(learned.preference?.source == .learned)
    }

    @Test("a higher threshold waits for more")
    func threshold() {
        var strict = DirectivePolicy()
        strict.sureness = 0.999_999
        #expect(read(asked(.emoji, -1, times: 12), strict).isEmpty)
    }

    @Test("a line that is not worth its tokens stays out")
    func worth() {
        var dear = DirectivePolicy()
        dear.benefitPerToken = 0.1
        #expect(read(asked(.emoji, -1, times: 12), dear).isEmpty)
    }

    @Test("why says what speaks for the likeliest value, sure or not")
    func why() throws {
        let model = asked(.emoji, -1, times: 1)
        let belief = learner.belief(of: model, at: now)
        let reading = DirectiveReading()
        #expect(reading.preferences(of: model, belief: belief, at: now).isEmpty)
        let emoji = DimensionID(rawValue: "emoji")
        let why = try #require(reading.why(emoji, of: model, belief: belief, at: now))
        #expect(why.value == "none")
        #expect(why.explanation.hasPrefix("followup: 1 for, 0 against."))
        let tone = DimensionID(rawValue: "tone")
        #expect(reading.why(tone, of: model, belief: belief, at: now) == nil)
        let note = DimensionID(rawValue: "note")
        #expect(reading.why(note, of: model, belief: belief, at: now) == nil)
    }

    @Test("what has not been confirmed for long is asked about")
    func stale() {
        var patient = LearningParameters()
        patient.halfLifeDays = 100_000
        let learner = Learner(parameters: patient)
        let later = now.addingTimeInterval(400 * 86_400)
        let model = asked(.emoji, -1, times: 12)
        let read = DirectiveReading()
            .preferences(of: model, belief: learner.belief(of: model, at: later), at: later)
        #expect(read.first?.isStale == true)
    }

    @Test("every pole is a value of a dimension that may be learned, and disclaimers are in none")
    func poles() throws {
        for pole in Pole.all {
            let dimension = try #require(Vocabulary.standard.dimension(pole.dimension))
            #expect(dimension.tier == .personalizable)
            #expect(dimension.allowedValues.contains(pole.value))
            if let strong = pole.strongValue { #expect(dimension.allowedValues.contains(strong)) }
            #expect(!pole.axes.contains(.disclaimers))
            for axis in pole.axes { #expect(axis.dimension == pole.dimension) }
        }
    }

    @Test("answers are ranked by the user's taste, the first of equal ones first")
    func ranking() {
        let belief = learner.belief(of: asked(.emoji, -1, times: 12), at: now)
        let answers = ["Good 😀😀😀.", "Good.", "Good."].map {
            AnswerVector(AnswerFeatures.measure($0, language: "en"))
        }
        let order = Ranking.order(answers, by: belief)
        #expect(order.map(\.index) == [1, 2, 0])
        #expect(order[0].overFirst > 0.5)
        #expect(order[2].overFirst == 0.5)
    }
}
