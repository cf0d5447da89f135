// The response itself: its items, their parts, and what it gives back of the request.

/// Where a part stands.
struct PartPlace {
    let item: Int
    let part: Int
    /// Whether its item is the model's reasoning.
    let isReasoning: Bool
}

extension ResponsesAnswer {
    enum ResponseKey {
        case output, outputText, status, incompleteDetails, usage, error, instructions
        /// The app's own words, given back.
        case echo
        case id, name
    }

    enum ItemKey { case content, summary, encryptedContent, name, type }
    enum PartKey { case type, logprobs }

    private static let responseKeys = AnswerKeys<ResponseKey>([
        "output": .output, "output_text": .outputText, "status": .status,
        "incomplete_details": .incompleteDetails, "usage": .usage, "error": .error,
        "instructions": .instructions, "tools": .echo, "text": .echo, "metadata": .echo,
        "prompt": .echo, "tool_choice": .echo, "id": .id, "object": .name, "model": .name,
        "service_tier": .name, "truncation": .name, "previous_response_id": .name, "user": .name,
        "safety_identifier": .name, "prompt_cache_key": .name, "prompt_cache_retention": .name,
    ])
    private static let itemKeys = AnswerKeys<ItemKey>([
        "type": .type, "content": .content, "summary": .summary,
        "encrypted_content": .encryptedContent, "id": .name, "call_id": .name, "status": .name,
        "role": .name, "phase": .name, "container_id": .name, "approval_request_id": .name,
    ])
    private static let partKeys = AnswerKeys<PartKey>(["type": .type, "logprobs": .logprobs])

    /// Reads a response: a whole answer, or what an event holds of it.
    ///
    /// - Returns: The offset behind the object.
    @discardableResult
    mutating func readResponse(
        _ text: Span<UInt8>,
        at offset: Int,
        event: ResponsesEvent?,
        into outline: inout AnswerOutline
    ) -> Int {
        var ending = ChoiceOutline(index: 0, element: offset..<offset)
        var marks = ResponseMarks(object: offset..<offset)
        var hasEnded = event?.isEnding(text) ?? true
        var seen: UInt32 = 0
        var members = JSONMembers(objectAt: offset)
        while let member = members.next(in: text) {
            let value = member.value
            let kind = JSON.kind(text, at: value)
            let key = Self.responseKeys.key(of: member, in: text, seen: &seen, &outline)
            switch key {
            case .output where kind == .array:
                let (end, count) = readOutput(text, at: value, event != nil, into: &outline)
                ending.element = value..<end
                if count == 0 { ending.content = ending.element }
                members.resume(after: end)
                continue
            case .status where isName(text, value):
                let string = JSONString.scan(text, at: value)
                marks.status = value..<string.contents.upperBound + 1
                if Self.isFinal(text, string) { hasEnded = true }
                continue
            case .id where isName(text, value):
                outline.responseID = JSONString.scan(text, at: value)
                continue
            case .name where isName(text, value): continue
            case .echo where kind == .object || kind == .array || isName(text, value): continue
            case .instructions:
                outline.echoes += EchoedInstructions.removals(text, at: value)
                continue
            case .incompleteDetails:
                marks.incompleteDetails = value..<JSON.end(text, ofValueAt: value)
            case .outputText where kind == .string:
                marks.outputText = JSONString.scan(text, at: value)
            case .usage where kind == .object:
                outline.hasUsage = true
                usage = []
                usage.append(text, value..<JSON.end(text, ofValueAt: value))
            case .error where kind != .null: outline.hasError = true
            default: break
            }
            let isError = key == .error || key == .incompleteDetails
            let first = outline.fields.count
            members.resume(
                after: walk.walk(
                    text,
                    at: value,
                    under: member.key,
                    TextWalk.Reading(choice: isError ? ChannelID.noChoice : 0),
                    into: &outline
                )
            )
            settle(first, in: &outline) { field in
                field.channel.item = Self.noItem
                field.repeats = event != nil || key == .outputText
            }
        }
        marks.object = offset..<members.end
        outline.response = marks
        // What says nothing at all is no choice: there is nothing to block in it.
        if hasEnded, !members.isEmpty {
            ending.finishReason = marks.status ?? offset..<offset
            outline.choices.append(ending)
        }
        return members.end
    }

    private static func isFinal(_ text: Span<UInt8>, _ status: JSONStringRange) -> Bool {
        JSONString.equals(text, status, "completed")
            || JSONString.equals(text, status, "incomplete")
            || JSONString.equals(text, status, "failed")
            || JSONString.equals(text, status, "cancelled")
    }

    private mutating func readOutput(
        _ text: Span<UInt8>,
        at offset: Int,
        _ repeats: Bool,
        into outline: inout AnswerOutline
    ) -> (end: Int, items: Int) {
        var count = 0
        var elements = JSONElements(arrayAt: offset)
        while let element = elements.next(in: text) {
            if JSON.kind(text, at: element) == .object {
                elements.resume(after: readItem(text, at: element, count, repeats, into: &outline))
            } else {
                let place = PartPlace(item: count, part: 0, isReasoning: false)
                elements.resume(after: readUnknown(text, at: element, place, repeats, &outline))
            }
            count += 1
        }
        return (elements.end, count)
    }

    /// Reads an item, and returns the offset behind it.
    mutating func readItem(
        _ text: Span<UInt8>,
        at offset: Int,
        _ index: Int,
        _ repeats: Bool,
        into outline: inout AnswerOutline
    ) -> Int {
        let type = Self.type(ofObjectAt: offset, text)
        let isReasoning = type.map { JSONString.equals(text, $0, "reasoning") } ?? false
        var seen: UInt32 = 0
        var members = JSONMembers(objectAt: offset)
        while let member = members.next(in: text) {
            let value = member.value
            let kind = JSON.kind(text, at: value)
            let place = PartPlace(item: index, part: 0, isReasoning: isReasoning)
            switch Self.itemKeys.key(of: member, in: text, seen: &seen, &outline) {
            case .type where isName(text, value), .name where isName(text, value): continue
            case .content where kind == .array, .summary where kind == .array:
                members.resume(after: readParts(text, at: value, place, repeats, into: &outline))
                continue
            case .encryptedContent where kind == .string && isSeal(text, value):
                let end = JSON.end(text, ofValueAt: value)
                outline.witnesses.append(
                    Witness(
                        subject: .scope(TextScope(item: index)),
                        value: value..<end,
                        substitute: .null
                    )
                )
                members.resume(after: end)
                continue
            default: break
            }
            let first = outline.fields.count
            let end = readUnknown(text, at: value, under: member.key, place, repeats, &outline)
            members.resume(after: end)
            let known = kind == .string ? ResponsesText.of(member, inHolderOf: type, text) : nil
            let isInput = !isReasoning && Self.isToolInput(member, type, text)
            for position in first..<outline.fields.count {
                if let known {
                    outline.fields[position] = outline.fields[position].placed(in: known)
                } else if isInput {
                    outline.fields[position].surface = .toolArguments
                }
            }
        }
        return members.end
    }

    /// What a model passes to a tool, whichever tool it is.
    private static func isToolInput(
        _ member: JSONMember,
        _ type: JSONStringRange?,
        _ text: Span<UInt8>
    ) -> Bool {
        if let type, JSONString.equals(text, type, "message") { return false }
        return member.isNamed("arguments", text) || member.isNamed("action", text)
            || member.isNamed("actions", text) || member.isNamed("queries", text)
            || member.isNamed("input", text) || member.isNamed("code", text)
            || member.isNamed("operation", text)
    }

    private mutating func readParts(
        _ text: Span<UInt8>,
        at offset: Int,
        _ item: PartPlace,
        _ repeats: Bool,
        into outline: inout AnswerOutline
    ) -> Int {
        var count = 0
        var elements = JSONElements(arrayAt: offset)
        while let element = elements.next(in: text) {
            let place = PartPlace(item: item.item, part: count, isReasoning: item.isReasoning)
            if JSON.kind(text, at: element) == .object {
                elements.resume(after: readPart(text, at: element, place, repeats, into: &outline))
            } else {
                elements.resume(after: readUnknown(text, at: element, place, repeats, &outline))
            }
            count += 1
        }
        return elements.end
    }

    /// Reads a part of an item's content or summary, and returns the offset behind it.
    mutating func readPart(
        _ text: Span<UInt8>,
        at offset: Int,
        _ place: PartPlace,
        _ repeats: Bool,
        into outline: inout AnswerOutline
    ) -> Int {
        let type = Self.type(ofObjectAt: offset, text)
        var seen: UInt32 = 0
        var members = JSONMembers(objectAt: offset)
        while let member = members.next(in: text) {
            let value = member.value
            switch Self.partKeys.key(of: member, in: text, seen: &seen, &outline) {
            case .type where isName(text, value): continue
            case .logprobs where JSON.kind(text, at: value) == .array:
                let scope = TextScope(item: place.item, part: place.part)
                members.resume(after: note(logprobs: value, of: scope, text, into: &outline))
                continue
            default: break
            }
            let first = outline.fields.count
            let end = readUnknown(text, at: value, under: member.key, place, repeats, &outline)
            members.resume(after: end)
            guard JSON.kind(text, at: value) == .string,
                let known = ResponsesText.of(member, inHolderOf: type, text)
            else { continue }
            for position in first..<outline.fields.count {
                outline.fields[position] = outline.fields[position].placed(in: known)
            }
        }
        return members.end
    }

    private mutating func readUnknown(
        _ text: Span<UInt8>,
        at offset: Int,
        under key: JSONStringRange? = nil,
        _ place: PartPlace,
        _ repeats: Bool,
        _ outline: inout AnswerOutline
    ) -> Int {
        let first = outline.fields.count
        let reading = TextWalk.Reading(choice: 0)
        let end = walk.walk(text, at: offset, under: key, reading, into: &outline)
        settle(first, in: &outline) { field in
            field.channel.item = place.item
            field.channel.part = place.part
            field.repeats = repeats
            if place.isReasoning { field.surface = .reasoning }
        }
        return end
    }

    private static func type(ofObjectAt offset: Int, _ text: Span<UInt8>) -> JSONStringRange? {
        var members = JSONMembers(objectAt: offset)
        while let member = members.next(in: text) {
            guard member.isNamed("type", text) else { continue }
            guard JSON.kind(text, at: member.value) == .string else { return nil }
            return JSONString.scan(text, at: member.value)
        }
        return nil
    }

    private func isSeal(_ text: Span<UInt8>, _ offset: Int) -> Bool {
        TextPath.isBase64(text, JSONString.scan(text, at: offset))
    }
}
