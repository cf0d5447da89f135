/// What prefd itself writes in the OpenAI Responses dialect.
enum ResponsesPieces {
    /// How many events ``message(_:at:from:)`` makes.
    static let messageEvents = 6

    /// The message item that says `contents`, the contents of a JSON string.
    static func item(_ contents: [UInt8]) -> [UInt8] {
        object([
            ("id", Array("\"msg_prefd\"".utf8)), ("type", Array("\"message\"".utf8)),
            ("status", Array("\"completed\"".utf8)), ("role", Array("\"assistant\"".utf8)),
            ("content", array([part(contents)])),
        ])
    }

    /// The events of an item of its own that says a text, numbered from `number` on.
    static func message(_ contents: [UInt8], at index: Int, from number: Int) -> [UInt8] {
        let whole = item(contents)
        let begun = JSONEdit.setting(
            [("status", Array("\"in_progress\"".utf8)), ("content", Array("[]".utf8))],
            in: whole
        )
        var events = ResponsesEvents(from: number)
        let place = ResponsesEvents.Place(
            id: Array("\"msg_prefd\"".utf8),
            item: index,
            index: ("content_index", 0)
        )
        let quoted = [UInt8(ascii: "\"")] + contents + [UInt8(ascii: "\"")]
        events.add("output_item.added", item: index, [("item", begun)])
        events.add("content_part.added", at: place, [("part", part([]))])
        events.add(
            "output_text.delta",
            at: place,
            [("delta", quoted), ("logprobs", Array("[]".utf8))]
        )
        events.add(
            "output_text.done",
            at: place,
            [("text", quoted), ("logprobs", Array("[]".utf8))]
        )
        events.add("content_part.done", at: place, [("part", part(contents))])
        events.add("output_item.done", item: index, [("item", whole)])
        return events.bytes
    }

    /// Ends a stream because of what was in it: what is open, then the response.
    static func blockedEnding(after shown: ShownResponse, usage: [UInt8]) -> [UInt8] {
        var events = ResponsesEvents(from: shown.nextSequenceNumber)
        var items = shown.ended
        for item in shown.open {
            items.append((item.index, events.close(item)))
        }
        items.sort { $0.index < $1.index }
        let began = shown.response.isEmpty ? unknownResponse : shown.response
        var changes = blocked(output: array(items.map(\.json)))
        if !usage.isEmpty { changes.append(("usage", usage)) }
        events.add("incomplete", [("response", JSONEdit.setting(changes, in: began))])
        return events.bytes
    }

    /// Empties a whole response, and gives it the reason of a block.
    static func splices(blocking ending: ChoiceOutline, _ marks: ResponseMarks) -> [Splice] {
        let output = ending.element.isEmpty ? nil : ending.element
        let ranges = [marks.status, marks.incompleteDetails, output]
        var splices: [Splice] = []
        var missing: [UInt8] = []
        for (range, change) in zip(ranges, blocked(output: Array("[]".utf8))) {
            if let range {
                splices.append(Splice(range, change.value))
            } else {
                missing.append(",\"")
                missing.append(change.name)
                missing.append("\":")
                missing.append(contentsOf: change.value)
            }
        }
        // Behind a member: an empty object is no response to block.
        if !missing.isEmpty { splices.append(Splice(at: marks.object.upperBound - 1, missing)) }
        if let text = marks.outputText { splices.append(Splice(text.contents, [])) }
        return splices
    }

    /// Adds the item that says a text to a whole response, or to what an event holds of one.
    static func splices(
        appending contents: [UInt8],
        to ending: ChoiceOutline,
        _ marks: ResponseMarks?
    ) -> [Splice] {
        guard ending.element.count >= 2 else { return [] }
        var splices: [Splice] = []
        if let empty = ending.content {
            splices.append(Splice(empty, array([item(contents)])))
        } else {
            let end = ending.element.upperBound - 1
            splices.append(Splice(at: end, [UInt8(ascii: ",")] + item(contents)))
        }
        if let text = marks?.outputText {
            splices.append(Splice(at: text.contents.upperBound, contents))
        }
        return splices
    }

    /// The event of an error in the middle of a stream.
    static func errorEvent(
        message: String,
        param: String?,
        code: String?,
        number: Int
    ) -> [UInt8] {
        func value(_ text: String?) -> [UInt8] {
            text.map(JSONString.quoted) ?? Array("null".utf8)
        }
        let json = object([
            ("type", Array("\"error\"".utf8)), ("sequence_number", Array(String(number).utf8)),
            ("code", value(code)), ("message", value(message)), ("param", value(param)),
        ])
        return SSEEvent.framed("error", json.span)
    }

    private static func blocked(output: [UInt8]) -> [(name: StaticString, value: [UInt8])] {
        [
            ("status", Array("\"incomplete\"".utf8)),
            ("incomplete_details", Array("{\"reason\":\"content_filter\"}".utf8)),
            ("output", output),
        ]
    }

    /// A response of which nothing had been shown.
    private static var unknownResponse: [UInt8] {
        object([
            ("id", Array("\"resp_prefd\"".utf8)), ("object", Array("\"response\"".utf8)),
            ("created_at", [UInt8(ascii: "0")]), ("status", Array("\"in_progress\"".utf8)),
            ("error", Array("null".utf8)), ("incomplete_details", Array("null".utf8)),
            ("instructions", Array("null".utf8)), ("metadata", Array("{}".utf8)),
            ("model", Array("\"\"".utf8)), ("output", Array("[]".utf8)),
            ("parallel_tool_calls", Array("true".utf8)), ("temperature", Array("null".utf8)),
            ("tool_choice", Array("\"auto\"".utf8)), ("tools", Array("[]".utf8)),
            ("top_p", Array("null".utf8)),
        ])
    }

    private static func part(_ contents: [UInt8]) -> [UInt8] {
        object([
            ("type", Array("\"output_text\"".utf8)), ("annotations", Array("[]".utf8)),
            ("logprobs", Array("[]".utf8)),
            ("text", [UInt8(ascii: "\"")] + contents + [UInt8(ascii: "\"")]),
        ])
    }

    /// An object of raw JSON values.
    static func object(_ members: [(name: StaticString, value: [UInt8])]) -> [UInt8] {
        JSONEdit.setting(members, in: Array("{}".utf8))
    }

    /// An array of raw JSON values.
    static func array(_ elements: [[UInt8]]) -> [UInt8] {
        [UInt8(ascii: "[")] + elements.joined(separator: [UInt8(ascii: ",")])
            + [UInt8(ascii: "]")]
    }
}
