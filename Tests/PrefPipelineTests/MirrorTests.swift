import FoundationEssentials
import NIOCore
import NIOHTTP1
import Testing

@testable import ChatWire
@testable import PrefPipeline

@Suite("The mirror")
struct MirrorTests {
    private func ask(_ path: String, _ body: String) async throws -> (status: Int, body: [UInt8]) {
        let request = ForwardRequest(
            method: body.isEmpty ? "GET" : "POST",
            target: path,
            headers: [:],
            body: ByteBuffer(string: body)
        )
        let answer = try Mirror.answer(request)
        var bytes: [UInt8] = []
        while let chunk = try await answer.nextChunk() { bytes += chunk.readableBytesView }
        return (answer.status, bytes)
    }

    /// The model text that a dialect's reader finds, pieces joined, repeats left out.
    private func text(_ dialect: Dialect, _ answer: [UInt8], isStream: Bool) throws -> String {
        var reader = AnswerReader(dialect)
        var outline = AnswerOutline()
        var text: [UInt8] = []
        func add(_ raw: Span<UInt8>) {
            for field in outline.fields where !field.repeats { field.decode(raw, into: &text) }
        }
        guard isStream else {
            try reader.read(whole: answer.span, into: &outline)
            add(answer.span)
            return String(decoding: text, as: UTF8.self)
        }
        var framer = StreamFramer(dialect.framing)
        var ends = 0
        do {
            try framer.feed(answer.span) { event throws(JSONError) in
                try reader.read(event: event, into: &outline)
                ends += outline.kind == .done || !outline.endings.isEmpty ? 1 : 0
                add(event)
            }
        } catch { Issue.record(error) }
        #expect(ends > 0)
        return String(decoding: text, as: UTF8.self)
    }

    @Test(
        "says the prompt in every dialect, whole and streamed",
        arguments: [
            (
                Dialect.openAIChat, "/v1/chat/completions",
                #""messages":[{"role":"user","content":"Hi"}]"#
            ),
            (.openAICompletions, "/v1/completions", #""prompt":["Hi"]"#),
            (
                .openAIResponses, "/v1/responses",
                #""instructions":"Be kind","input":[{"role":"user","content":[{"text":"Hi"}]}]"#
            ),
            (.openAIResponses, "/v1/responses", #""instructions":"Be kind","input":"Hi""#),
            (
                .anthropicMessages, "/v1/messages",
                #""system":[{"text":"Be kind"}],"messages":[{"role":"user","content":"Hi"}]"#
            ),
            (.ollamaChat, "/api/chat", #""messages":[{"role":"user","content":"Hi"}]"#),
            (.ollamaGenerate, "/api/generate", #""system":"Be kind","prompt":"Hi""#),
        ]
    )
    func everyDialect(_ dialect: Dialect, _ path: String, _ body: String) async throws {
        for stream in [false, true] {
            let (status, answer) = try await ask(path, #"{\#(body),"stream":\#(stream)}"#)
            #expect(status == 200)
            let text = try text(dialect, answer, isStream: stream)
            #expect(text.contains("prefd-mirror is not a model."))
            #expect(text.hasSuffix("[user]\nHi"))
            #expect(text.contains("Be kind") == body.contains("Be kind"))
        }
    }

    @Test("lists its one model, counts words, and says what it cannot do in the dialect's envelope")
    func others() async throws {
        for path in ["/v1/models", "/v1/models/prefd-mirror", "/api/tags"] {
            let (status, answer) = try await ask(path, "")
            #expect(status == 200)
            #expect(String(decoding: answer, as: UTF8.self).contains(#""prefd-mirror""#))
        }
        #expect(try await ask("/api/version", "").status == 200)
        #expect(try await ask("/api/show", #"{"model":"x"}"#).status == 200)
        let count = try await ask("/v1/messages/count_tokens", #"{"messages":[]}"#)
        #expect(String(decoding: count.body, as: UTF8.self) == #"{"input_tokens":16}"#)
        let refused = try await ask("/api/embed", #"{"input":"x"}"#)
        #expect(refused.status == 404)
        #expect(String(decoding: refused.body, as: UTF8.self).hasPrefix(#"{"error":""#))
    }
}
