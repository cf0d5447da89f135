internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl ask`.
struct AskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ask",
        abstract: "Answer questions, so that prefd learns how you like answers.",
        discussion: """
            Shows two answers to the same question at a time and asks which you like better. The next pair is \
            always the one that tells most; it ends when asking is no longer worth it, or when you say so.

            Without a terminal: prefctl ask --json prints the next question, and prefctl ask --question ID \
            --choice first answers it.
            """
    )

    @Option(help: ArgumentHelp("Answer this question and no other.", valueName: "id"))
    var question: String?

    @Option(help: ArgumentHelp("Its better answer: first, second or skip.", valueName: "choice"))
    var choice: String?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (question == nil) == (choice == nil) else {
            throw ValidationError("--question and --choice go together.")
        }
        guard choice.map({ QuestionChoice(rawValue: $0) != nil }) ?? true else {
            throw ValidationError("--choice is first, second or skip.")
        }
    }

    func run() async throws {
        let client = connection.client()
        if let question, let choice = choice.flatMap(QuestionChoice.init) {
            let answer = QuestionAnswer(question: question, choice: choice)
            return try output.show(try await client.answer(answer), QuestionViews.state)
        }
        let state = try await client.nextQuestion()
        if output.json || !Console.isInteractive {
            return try output.show(state, QuestionViews.state)
        }
        try await converse(client, state)
    }

    private func converse(_ client: ControlClient, _ first: Elicited) async throws {
        var state = first
        if state.question != nil, !state.consented { try await askForConsent(client) }
        var asked = 0
        while let question = state.question {
            asked += 1
            Console.print(QuestionViews.question(question, number: asked, Console.style))
            guard let choice = Self.choice() else { break }
            state = try await client.answer(QuestionAnswer(question: question.id, choice: choice))
        }
        Console.print("\n" + QuestionViews.ending(state, Console.style))
    }

    private func askForConsent(_ client: ControlClient) async throws {
        let answer = Console.ask(
            """
            prefd keeps which answer you liked better, encrypted, to learn from it: not the texts, and \
            for nobody else.
            You can see it (prefctl export) and take it back (prefctl consent revoke signals.explicit) at \
            any time.
            May it? Type yes to go on: 
            """
        )
        guard ["yes", "y"].contains(answer.lowercased()) else {
            throw CommandFailure(message: "Nothing was asked, and nothing was kept.", hint: "")
        }
        _ = try await client.decide(ConsentDecision(granted: true), on: "signals.explicit")
    }

    /// What is typed, or nil to stop; asked again until it is one of the letters.
    private static func choice() -> QuestionChoice? {
        while true {
            switch Console.ask("Which do you like better? 1, 2, s to skip, q to stop: ")
                .lowercased()
            {
            case "1": return .first
            case "2": return .second
            case "s": return .skip
            case "q", "": return nil
            default: continue
            }
        }
    }
}
