internal import ArgumentParser
internal import FoundationEssentials
internal import PrefControl
internal import PrefModel

/// `prefctl preview`: a chat request in preview mode.
struct PreviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview",
        abstract: "What prefd would add to a question's prompt; no model is asked."
    )

    @Argument(help: "The question.")
    var question: String

    @Option(help: "The model that would be asked.")
    var model = "preview"

    @Option(help: "As if for this task.")
    var task: TaskKind?

    @Option(help: "As if in this situation.")
    var situation: Situation?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = connection.client()
        let response = try await client.send(try request())
        guard response.status == 200 else { throw refusal(response) }
        if output.json {
            return Console.print(JSONText.safe(String(decoding: response.body, as: UTF8.self)))
        }
        guard let preview = try? PrefJSON.decode(PromptPreview.self, from: Data(response.body))
        else {
            throw CommandFailure(
                message: "The answer is no preview of prefd's.",
                hint: "Check that the socket is prefd's own, and its version."
            )
        }
        Console.print(ExplanationViews.preview(preview, Console.style))
    }

    private func request() throws -> ControlRequest {
        let chat = Chat(model: model, messages: [.init(role: "user", content: question)])
        var headers: [(name: String, value: String)] = [
            ("X-Prefd-Mode", "preview"), ("Content-Type", "application/json"),
        ]
        if let task { headers.append(("X-Prefd-Task", task.rawValue)) }
        if let situation { headers.append(("X-Prefd-Situation", situation.rawValue)) }
        return ControlRequest(
            method: "POST",
            target: "/v1/chat/completions",
            headers: headers,
            body: Array(try PrefJSON.encode(chat))
        )
    }

    private func refusal(_ response: ControlResponse) -> CommandFailure {
        let envelope = try? PrefJSON.decode(ChatError.self, from: Data(response.body))
        return CommandFailure(
            message: envelope?.error.message ?? "prefd answered with status \(response.status).",
            hint: response.status == 404
                ? "Give another model with --model, or look at `prefctl status`."
                : "Look at `prefctl status`."
        )
    }
}

private struct Chat: Encodable {
    struct Message: Encodable {
        let role: String
        let content: String
    }

    let model: String
    let messages: [Message]
}

/// The error envelope of the OpenAI dialect, as far as it is for people.
private struct ChatError: Decodable {
    struct Body: Decodable {
        let message: String
    }

    let error: Body
}
