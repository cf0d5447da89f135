import PrefRules

// What models are asked about the texts of an answer.

/// A question about one of an answer's texts.
struct ChannelQuestion {
    /// The channel's number, which stays when others go.
    let channel: Int
    let question: ClassifierQuestion
}

extension AnswerEnforcer {
    /// The questions since the last call; each must be answered.
    mutating func takeQuestions() -> [ChannelQuestion] {
        guard rules.asksModels else { return [] }
        var all: [ChannelQuestion] = []
        for index in channels.indices {
            for question in channels[index].takeQuestions() {
                all.append(ChannelQuestion(channel: channels[index].number, question: question))
            }
        }
        return all
    }

    /// Takes an answer, to be carried out with the next event that is decided, or by `settle`.
    mutating func answer(_ asked: ChannelQuestion, isUnsafe: Bool) {
        guard let index = channels.firstIndex(where: { $0.number == asked.channel }) else { return }
        channels[index].answer(asked.question, isUnsafe: isUnsafe)
    }
}
