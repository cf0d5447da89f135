import Foundation
import PrefLearning

/// One choice as the models see it.
struct Choice {
    let user: String
    /// What the prompt is known by; choices of one prompt are never split.
    let prompt: String
    /// What the chosen answer has over the rejected one.
    let x: [Double]
}

/// A data set of choices, in time order within a user.
struct ChoiceSet {
    let name: String
    let choices: [Choice]

    private struct Line: Decodable {
        let user: String
        let language: String?
        let prompt: String
        let chosen: String
        let rejected: String
    }

    /// Reads one choice a line; texts go through the shipped extractor.
    init(name: String, file: String) throws {
        self.name = name
        let decoder = JSONDecoder()
        var seen: [String: AnswerVector] = [:]
        func vector(_ text: String, _ language: String?) -> AnswerVector {
            if let known = seen[text] { return known }
            let made = AnswerVector(AnswerFeatures.measure(text, language: language))
            seen[text] = made
            return made
        }
        let text = try String(contentsOfFile: file, encoding: .utf8)
        choices = try text.split(separator: "\n").map { line in
            let one = try decoder.decode(Line.self, from: Data(line.utf8))
            let chosen = vector(one.chosen, one.language)
            let rejected = vector(one.rejected, one.language)
            return Choice(user: one.user, prompt: one.prompt, x: chosen.difference(from: rejected))
        }
    }

    /// The chosen texts of a file.
    func texts(_ file: String) throws -> [String] {
        try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Line.self, from: Data($0.utf8)).chosen
        }
    }

    init(name: String, choices: [Choice]) {
        self.name = name
        self.choices = choices
    }

    /// The users in a fixed order, with their choices in the data's order.
    var users: [(name: String, choices: [Choice])] {
        var order: [String] = []
        var byUser: [String: [Choice]] = [:]
        for choice in choices {
            if byUser[choice.user] == nil { order.append(choice.user) }
            byUser[choice.user, default: []].append(choice)
        }
        return order.map { ($0, byUser[$0] ?? []) }
    }
}
