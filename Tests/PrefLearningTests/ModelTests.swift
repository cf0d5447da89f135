import Foundation
import PrefLearning
import PrefModel
import TestSupport
import Testing

@Suite("The model of a user")
struct ModelTests {
    private let learner = Learner()
    private let start = Date(timeIntervalSince1970: 1_700_000_000)

    private func day(_ days: Double) -> Date { start.addingTimeInterval(days * 86_400) }

    private func direction(_ axis: AnswerAxis, _ by: Double) -> [Double] {
        var x = [Double](repeating: 0, count: AnswerAxis.count)
        x[axis.index] = by
        return x
    }

    private func signal(
        _ kind: SignalKind,
        _ id: Int,
        at date: Date? = nil,
        rating: Double? = nil,
        context: RequestContext? = nil,
        directives: [Directive] = [],
        _ texts: [String: String]
    ) -> Signal {
        Signal(
            id: "\(id)",
            requestID: nil,
            kind: kind,
            at: date ?? start,
            rating: rating,
            context: context,
            directives: directives,
            features: texts.mapValues { AnswerFeatures.measure($0, language: "en") }
        )
    }

    private func weight(_ axis: AnswerAxis, _ model: UserModel, at date: Date? = nil) -> Double {
        learner.belief(of: model, at: date ?? start).mean()[axis.index]
    }

    private let short = "Seven minutes."
    private let long = String(
        repeating: "An egg needs seven minutes in water that boils, as everybody knows. ",
        count: 12
    )

    @Test("choices move the taste toward what was chosen")
    func choices() {
        var likesLong = UserModel()
        var likesShort = UserModel()
        for id in 0..<5 {
            learner.absorb(
                signal(.choice, id, ["chosen": long, "rejected.0": short]),
                into: &likesLong
            )
            learner.absorb(
                signal(.choice, id, ["chosen": short, "rejected.0": long]),
                into: &likesShort
            )
        }
        #expect(weight(.length, likesLong) > weight(.length, UserModel()) + 0.1)
        #expect(weight(.length, likesShort) < weight(.length, UserModel()) - 0.1)
    }

    @Test("a choice among several counts less than as many choices of two")
    func severalRejected() {
        let three = signal(
            .choice,
            0,
            ["chosen": long, "rejected.0": short, "rejected.1": short, "rejected.2": short]
        )
        let weights = Observation.read(three).map(\.weight)
        #expect(weights.count == 3)
        #expect(abs(weights.reduce(0, +) - 1.5) < 1e-9)
    }

    @Test("ratings are understood against the user's own baseline")
    func ratings() {
        // Both prefer the long answers; one never gives more than 3, the other never less.
        var strict = UserModel()
        var kind = UserModel()
        for id in 0..<12 {
            let isLong = id % 2 == 0
            let text = ["answer": isLong ? long : short]
            learner.absorb(signal(.rating, id, rating: isLong ? 3 : 1, text), into: &strict)
            learner.absorb(signal(.rating, id, rating: isLong ? 5 : 3, text), into: &kind)
        }
        let prior = weight(.length, UserModel())
        #expect(weight(.length, strict) > prior)
        #expect(weight(.length, kind) > prior)
        #expect(abs(weight(.length, strict) - weight(.length, kind)) < 0.25)
    }

    @Test("the top rating speaks for an answer and the bottom one against it")
    func ratingSign() {
        let x = [1.0]
        let cuts = Likelihood.ratingCuts
        #expect(Likelihood.rating(x, level: 4, cuts: cuts).shift > 0)
        #expect(Likelihood.rating(x, level: 0, cuts: cuts).shift < 0)
        #expect(abs(Likelihood.rating(x, level: 2, cuts: cuts).shift) < 1e-9)
    }

    @Test(
        "numbers that are none say nothing",
        arguments: [Double.nan, .infinity, -.infinity, 1e300]
    )
    func notFinite(number: Double) {
        var model = UserModel()
        let names = AnswerFeatures.measure(long, language: "en").values.keys
        let broken = TextFeatures(
            version: AnswerFeatures.version,
            values: Dictionary(uniqueKeysWithValues: names.map { ($0, number) })
        )
        for (id, kind) in SignalKind.allCases.enumerated() {
            let signal = Signal(
                id: "\(id)",
                requestID: nil,
                kind: kind,
                at: start,
                rating: number,
                context: nil,
                directives: [],
                features: [
                    "answer": broken, "chosen": broken, "after": broken, "before": broken,
                    "rejected.0": AnswerFeatures.measure(short, language: "en"),
                    Observation.askedRole: TextFeatures(version: 2, values: ["length": number]),
                ]
            )
            learner.absorb(signal, into: &model)
        }
        for weight in learner.belief(of: model, at: start).mean() { #expect(weight.isFinite) }
    }

    @Test("an edit is a choice of after over before")
    func edits() {
        let edit = Observation.read(signal(.edit, 0, ["before": long, "after": short]))
        let choice = Observation.read(signal(.choice, 0, ["chosen": short, "rejected.0": long]))
        #expect(edit.map(\.x) == choice.map(\.x))
    }

    @Test("abandoning says nothing, since engagement is not what is learned for")
    func engagement() {
        var model = UserModel()
        learner.absorb(signal(.abandon, 0, ["answer": long]), into: &model)
        #expect(model == UserModel())
    }

    @Test("what a directive caused is not taken for the user's taste")
    func steered() {
        let directive = Directive(
            key: PreferenceKey(dimension: DimensionID(rawValue: "verbosity")),
            value: "detailed",
            source: .learned,
            text: "Be detailed."
        )
        let free = Observation.read(signal(.rating, 0, rating: 5, ["answer": long]))
        let steered = Observation.read(
            signal(.rating, 0, rating: 5, directives: [directive], ["answer": long])
        )
        #expect(free.first?.x[AnswerAxis.length.index] != 0)
        #expect(steered.first?.x[AnswerAxis.length.index] == 0)
        #expect(
            steered.first?.x[AnswerAxis.difficulty.index]
                == free.first?.x[AnswerAxis.difficulty.index]
        )
    }

    @Test("the same signals give the same posterior, in whatever order they come")
    func order() {
        var random = SeededGenerator(seed: 5)
        let signals = (0..<14).map { id in
            let isLong = Bool.random(using: &random)
            return signal(
                id % 3 == 0 ? .edit : .choice,
                id,
                at: day(Double.random(in: 0...20, using: &random)),
                isLong
                    ? ["chosen": long, "rejected.0": short, "after": long, "before": short]
                    : ["chosen": short, "rejected.0": long, "after": short, "before": long]
            )
        }
        let replayed = learner.belief(of: learner.replay(signals), at: day(30)).mean()
        for _ in 0..<5 {
            var shuffled = UserModel()
            for signal in signals.shuffled(using: &random) {
                learner.absorb(signal, into: &shuffled)
            }
            let mean = learner.belief(of: shuffled, at: day(30)).mean()
            for (one, other) in zip(replayed, mean) { #expect(abs(one - other) < 1e-6) }
        }
    }

    @Test("replaying gives the state byte for byte, and it survives being written")
    func replay() throws {
        let signals = (0..<40).map { id in
            signal(
                .choice,
                id,
                at: day(Double(id)),
                context: RequestContext(task: id % 2 == 0 ? .coding : .chat, app: "editor"),
                ["chosen": long, "rejected.0": short]
            )
        }
        let one = try PrefJSON.encode(learner.replay(signals))
        let two = try PrefJSON.encode(learner.replay(signals.reversed()))
        #expect(one == two)
        let read = try PrefJSON.decode(UserModel.self, from: one)
        let before = learner.belief(of: learner.replay(signals), at: day(41)).mean()
        let after = learner.belief(of: read, at: day(41)).mean()
        for (one, other) in zip(before, after) { #expect(abs(one - other) < 1e-4) }
    }

    @Test("evidence fades by half in a half-life")
    func fading() {
        var model = UserModel()
        for id in 0..<6 {
            learner.absorb(
                signal(.choice, id, ["chosen": long, "rejected.0": short]),
                into: &model
            )
        }
        let prior = weight(.length, UserModel())
        let fresh = weight(.length, model) - prior
        let half = weight(.length, model, at: day(180)) - prior
        let old = weight(.length, model, at: day(3600)) - prior
        #expect(half < fresh && half > 0.3 * fresh)
        #expect(abs(old) < 0.01)
    }

    @Test("a user can change quickly")
    func change() {
        var patient = LearningParameters()
        patient.changeThreshold = .infinity
        let without = Learner(parameters: patient)
        var quick = UserModel()
        var slow = UserModel()
        for count in 0..<80 {
            let toward = direction(.length, count < 60 ? -2 : 2)
            let observation = [Observation(x: toward, response: .preferred)]
            for (learner, model) in [(learner, 0), (without, 1)] {
                var state = model == 0 ? quick : slow
                learner.absorb(observation, of: .choice, at: day(0), levels: [], into: &state)
                if model == 0 { quick = state } else { slow = state }
            }
        }
        #expect(quick.changes[.length] != nil)
        #expect(slow.changes.isEmpty)
        #expect(weight(.length, quick) > 0)
        #expect(without.belief(of: slow, at: day(0)).mean()[AnswerAxis.length.index] < 0)
    }

    @Test("a task's own taste stands out where it differs, and shrinks to the user's where unseen")
    func contexts() {
        var model = UserModel()
        for count in 0..<60 {
            let isCoding = count % 2 == 0
            learner.absorb(
                [Observation(x: direction(.length, isCoding ? -2 : 2), response: .preferred)],
                of: .choice,
                at: start,
                levels: [.task(isCoding ? .coding : .chat)],
                into: &model
            )
        }
        let belief = learner.belief(of: model, at: start)
        let length = AnswerAxis.length.index
        let coding = belief.mean(in: [.task(.coding)])[length]
        let chat = belief.mean(in: [.task(.chat)])[length]
        let unseen = belief.mean(in: [.task(.translation)])[length]
        #expect(coding < unseen && unseen < chat)
        #expect(coding < -0.2 && chat > 0.1)
    }

    @Test("a user's evidence apart from the prior gives the same posterior under it")
    func evidence() {
        var model = UserModel()
        for id in 0..<5 {
            learner.absorb(
                signal(.choice, id, ["chosen": long, "rejected.0": short]),
                into: &model
            )
        }
        let whole = learner.belief(of: model, at: start).mean()
        let apart = Belief(learner.prior, evidence: learner.evidence(of: model, at: start)).mean()
        for (one, other) in zip(whole, apart) { #expect(abs(one - other) < 1e-9) }
    }

    @Test("the state holds the vocabulary's learnable axes, circumstances and nothing else")
    func bounds() throws {
        for axis in AnswerAxis.allCases {
            let dimension = try #require(Vocabulary.standard.dimension(axis.dimension))
            #expect(dimension.tier == .personalizable)
        }
        var model = UserModel()
        let context = RequestContext(task: .qa, app: "browser", language: "en", topic: "religion")
        for id in 0..<30 {
            learner.absorb(
                signal(.choice, id, context: context, ["chosen": long, "rejected.0": short]),
                into: &model
            )
        }
        let json = try JSONSerialization.jsonObject(with: PrefJSON.encode(model))
        var keys: Set<String> = []
        var texts: Set<String> = []
        collect(json, &keys, &texts)
        let known: Set<String> = [
            "version", "as_of", "settled", "older", "newer", "tallies", "changes", "entries",
            "signals", "cell", "kind", "evidence", "more", "less", "last", "task", "app",
            "language",
            "situation", "_0",
        ]
        let axes = Set(AnswerAxis.allCases.map(\.rawValue))
        let kinds = Set(SignalKind.allCases.map(\.rawValue))
        #expect(keys.subtracting(known).subtracting(axes).subtracting(kinds).isEmpty)
        // Evidence is numbers, 18 axes' at most; what else is text is a circumstance, a kind or a time.
        #expect(!texts.contains("religion"))
        let size = AnswerAxis.count + 1
        let floats = size * (size + 1) / 2 + size + 1
        for text in texts where text.count > 40 {
            #expect(Data(base64Encoded: text)?.count == 4 * floats)
        }
    }

    private func collect(_ json: Any, _ keys: inout Set<String>, _ texts: inout Set<String>) {
        switch json {
        case let object as [String: Any]:
            for (key, value) in object {
                keys.insert(key)
                collect(value, &keys, &texts)
            }
        case let array as [Any]: for value in array { collect(value, &keys, &texts) }
        case let text as String: texts.insert(text)
        default: break
        }
    }

    @Test("a state of unknown axes or broken numbers is refused")
    func broken() throws {
        var model = UserModel()
        learner.absorb(signal(.choice, 0, ["chosen": long, "rejected.0": short]), into: &model)
        let json = String(decoding: try PrefJSON.encode(model), as: UTF8.self)
        let unknown = json.replacingOccurrences(of: "\"length\"", with: "\"religion\"")
        #expect(unknown != json)
        #expect(throws: DecodingError.self) {
            try PrefJSON.decode(UserModel.self, from: Data(unknown.utf8))
        }
        let old = json.replacingOccurrences(of: "\"version\":1", with: "\"version\":0")
        #expect(old != json)
        #expect(throws: DecodingError.self) {
            try PrefJSON.decode(UserModel.self, from: Data(old.utf8))
        }
        let short = json.replacingOccurrences(of: "\"evidence\":\"", with: "\"evidence\":\"AAAA")
        #expect(throws: DecodingError.self) {
            try PrefJSON.decode(UserModel.self, from: Data(short.utf8))
        }
    }
}
