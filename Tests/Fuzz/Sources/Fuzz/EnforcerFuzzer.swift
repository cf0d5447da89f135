import NIOCore
import PrefModel
import PrefRules

@testable import ChatWire
@testable import PrefPipeline

/// The enforcer with rules planted: how a stream is cut does not matter, an answer in which nothing
/// matches leaves byte for byte, and nothing that matches is left in one that was changed.
enum EnforcerFuzzer {
    /// No `0` or `1` may be part of a match: these are what a replacement writes into a number or to
    /// end an escape that was begun, and together with what stood before they would be a new match.
    private static let rules: RuleSet = {
        func rule(_ id: String, _ detect: String, _ action: String) -> String {
            "  - { id: \(id), description: planted, detect: \(detect), action: \(action), "
                + "where: [output, reasoning, tool_args] }\n"
        }
        let pack =
            "pack: planted\nrules:\n"
            + rule("redact", "{ literal: [sekret] }", "{ redact: '[gone]' }")
            + rule("replace", "{ regex: 'key-[2-9]{2,6}' }", "{ replace: '[\"key\"]' }")
            + rule("block", "{ literal: [verboten] }", "block")
            + rule("append", "{ literal: [crisis] }", "{ append: 'Call.' }")
            + rule("flag", "{ literal: [hmm] }", "flag")
        do {
            return try RuleSet(
                packs: [RulePackSource(name: "planted.yaml", text: pack)],
                runningCases: false
            )
        } catch { fatalError("the planted pack: \(error)") }
    }()

    static func check(_ bytes: [UInt8], _ dialect: Dialect) {
        // The first byte says what the rest is.
        let rest = Array(bytes.dropFirst())
        var random = Randomness(bytes)
        switch (bytes.first ?? 0) % 3 {
        case 0: checkStream(rest, dialect, &random)
        case 1: checkWhole(rest, dialect, isError: random.next() % 4 == 0)
        default: checkTexts(rest, dialect, &random)
        }
    }

    // MARK: Streams

    private struct Passed: Equatable {
        var bytes: [UInt8] = []
        var rules: [String] = []
        var failure: String?
    }

    private static func checkStream(
        _ stream: [UInt8],
        _ dialect: Dialect,
        _ random: inout Randomness
    ) {
        let passed = pass(stream, [0..<stream.count], dialect)
        require(
            pass(stream, random.pieces(of: stream.count), dialect) == passed,
            "what leaves depends on how the stream was cut"
        )
        guard passed.failure == nil else { return }
        if passed.rules.isEmpty {
            require(passed.bytes == stream, "a stream changed in which no rule fired")
        }
        let again = pass(passed.bytes, [0..<passed.bytes.count], dialect)
        require(again.failure == nil, "what left cannot be read: \(again.failure ?? "")")
        requireHarmless(again.rules)
    }

    private static func pass(
        _ stream: [UInt8],
        _ pieces: [Range<Int>],
        _ dialect: Dialect
    ) -> Passed {
        var framer = StreamFramer(dialect.framing)
        var enforcer = AnswerEnforcer(dialect, rules: rules, choices: 1, expectsUsage: false)
        var out = ByteBuffer()
        var passed = Passed()
        do {
            for piece in pieces {
                try framer.feed(stream.span.extracting(piece)) { event throws(UncheckableAnswer) in
                    try enforcer.feed(event: event, into: &out)
                }
            }
            let rest = try framer.finish { event throws(UncheckableAnswer) in
                try enforcer.feed(event: event, into: &out)
            }
            if !rest.isEmpty { try enforcer.feed(event: rest.span, into: &out) }
            try enforcer.finishStream(into: &out)
        } catch { passed.failure = "\(error)" }
        passed.bytes = Array(buffer: out)
        passed.rules = enforcer.hits.map(\.rule)
        return passed
    }

    /// Rules that change text must find nothing any more.
    private static func requireHarmless(_ rules: [String]) {
        for rule in rules {
            require(rule == "flag" || rule == "append", "what \(rule) looks for has left")
        }
    }

    // MARK: Whole answers

    private static func checkWhole(_ body: [UInt8], _ dialect: Dialect, isError: Bool) {
        var enforcer = AnswerEnforcer(dialect, rules: rules, choices: 1, expectsUsage: false)
        let whole = ByteBuffer(bytes: body)
        guard let passed = try? enforcer.enforce(whole: whole, isError: isError) else { return }
        if enforcer.hits.isEmpty {
            require(passed == whole, "an answer changed in which no rule fired")
        }
        require(ReferenceJSON(Array(buffer: passed)) != nil, "what left is no JSON")
        var again = AnswerEnforcer(dialect, rules: rules, choices: 1, expectsUsage: false)
        do {
            _ = try again.enforce(whole: passed, isError: isError)
        } catch { fatalError("what left cannot be read: \(error.reason)") }
        requireHarmless(again.hits.map(\.rule))
    }

    // MARK: Texts in events

    /// What is appended where its rule fires.
    private static let call = Array("\n\nCall.".utf8)

    /// Pieces of text, each in an event of its own: what is read of them in the end is what the
    /// rules make of each channel's text as a whole.
    private static func checkTexts(
        _ bytes: [UInt8],
        _ dialect: Dialect,
        _ random: inout Randomness
    ) {
        var stream: [UInt8] = []
        for piece in bytes.split(separator: 0) {
            let text = String(decoding: piece.dropFirst(), as: UTF8.self)
            let json = events(
                of: String(decoding: JSONString.encoded(text), as: UTF8.self),
                dialect
            )
            guard !json.isEmpty else { return }
            stream += framed(json[Int(piece[piece.startIndex]) % json.count], dialect)
        }
        if random.next() % 2 == 0 { return checkStream(stream, dialect, &random) }
        let passed = pass(stream, [0..<stream.count], dialect)
        require(passed.failure == nil, "its events cannot be read: \(passed.failure ?? "")")
        if passed.rules.contains("block") { return }
        let left = read(passed.bytes, dialect)
        // How a replacement is written inside of JSON is checked by reading it again, above; what
        // a text of reasoning ends with depends on where the answer begins.
        for (channel, text) in read(stream, dialect) where isOutput(channel.path) {
            let expected = enforced(text)
            var found = left[channel] ?? []
            // A response says it several times: in pieces, in its part, in its item, at its end.
            var times = dialect == .openAIResponses ? 5 : 1
            while found.count > expected.count, found.suffix(call.count).elementsEqual(call),
                times > 0
            {
                found.removeLast(call.count)
                times -= 1
            }
            require(found == expected, "other text has left than the rules say")
        }
    }

    /// Events of a dialect that carry a text, one for each kind of text; none where it is not known
    /// here.
    private static func events(of text: String, _ dialect: Dialect) -> [String] {
        func delta(_ choice: Int, _ delta: String) -> String {
            #"{"choices":[{"index":\#(choice),"delta":{\#(delta)},"finish_reason":null}]}"#
        }
        func block(_ index: Int, _ delta: String) -> String {
            #"{"type":"content_block_delta","index":\#(index),"delta":{\#(delta)}}"#
        }
        func part(_ kind: ResponsesText, _ item: Int) -> String {
            #"{"type":"response.\#(kind.stem).delta","output_index":\#(item),"\#(kind.indexMember ?? "x")":0,"#
                + #""delta":"\#(text)"}"#
        }
        let call = #""tool_calls":[{"index":0,"function":{"arguments":"\#(text)"}}]"#
        switch dialect {
        case .openAIChat:
            return [0, 1].flatMap { choice in
                [
                    delta(choice, #""content":"\#(text)""#),
                    delta(choice, #""reasoning_content":"\#(text)""#),
                    delta(choice, #""refusal":"\#(text)""#), delta(choice, call),
                ]
            }
        case .openAIResponses: return ResponsesText.allCases.enumerated().map { part($1, $0) }
        case .openAICompletions:
            return [0, 1].map { #"{"choices":[{"index":\#($0),"text":"\#(text)"}]}"# }
        case .anthropicMessages:
            return [
                block(0, #""thinking":"\#(text)""#), block(1, #""text":"\#(text)""#),
                block(2, #""partial_json":"\#(text)""#),
            ]
        case .ollamaChat:
            return ["content", "thinking"].map {
                #"{"message":{"\#($0)":"\#(text)"},"done":false}"#
            }
        case .ollamaGenerate:
            return ["response", "thinking"].map { #"{"\#($0)":"\#(text)","done":false}"# }
        }
    }

    private static func framed(_ json: String, _ dialect: Dialect) -> [UInt8] {
        switch dialect.framing {
        case .serverSentEvents: Array("data: \(json)\n\n".utf8)
        case .jsonLines: Array("\(json)\n".utf8)
        }
    }

    private static func isOutput(_ path: ChannelPath) -> Bool {
        switch path {
        case .content, .refusal, ResponsesText.outputText.path: true
        default: false
        }
    }

    /// The text of each channel in a stream.
    private static func read(_ stream: [UInt8], _ dialect: Dialect) -> [ChannelID: [UInt8]] {
        var reader = AnswerReader(dialect)
        var texts: [ChannelID: [UInt8]] = [:]
        for event in AnswerFuzzer.events(of: stream, dialect.framing) {
            var outline = AnswerOutline()
            try? reader.read(event: event.span, into: &outline)
            for field in outline.fields {
                field.decode(event.span, into: &texts[field.channel, default: []])
            }
        }
        return texts
    }

    private static func enforced(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var position = 0
        let verdicts = MatcherFuzzer.scan(text, [0..<text.count], rules, .output)
        for verdict in verdicts where verdict.action.changesMatch {
            result += text[position..<verdict.range.lowerBound]
            switch verdict.action {
            case .redact(let text), .replace(let text): result += Array(text.utf8)
            default: break
            }
            position = verdict.range.upperBound
        }
        return result + text[position...]
    }
}
