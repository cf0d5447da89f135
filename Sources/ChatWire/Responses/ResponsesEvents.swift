/// Events of a response's stream, as prefd makes them: named, and numbered one after the other.
struct ResponsesEvents {
    /// The part that an event is about.
    struct Place {
        /// The item's id, as a JSON string.
        let id: [UInt8]
        let item: Int
        /// Which part of the item; nil where the text stands in the item itself.
        let index: (name: StaticString, value: Int)?
    }

    /// The events so far, framed.
    private(set) var bytes: [UInt8] = []
    private var number: Int

    /// Starts with the number of the first event.
    init(from number: Int) { self.number = number }

    /// Adds an event of type `response.` and `name`.
    mutating func add(_ name: String, _ members: [(name: StaticString, value: [UInt8])]) {
        let type = "response." + name
        let json = ResponsesPieces.object(
            [
                ("type", JSONString.quoted(type)),
                ("sequence_number", Array(String(number).utf8)),
            ] + members
        )
        bytes.append(contentsOf: "event: \(type)\n".utf8)
        bytes.append(contentsOf: SSEEvent.framed(json.span))
        number += 1
    }

    /// Adds an event about an item.
    mutating func add(
        _ name: String,
        item: Int,
        _ members: [(name: StaticString, value: [UInt8])]
    ) {
        add(name, [("output_index", Array(String(item).utf8))] + members)
    }

    /// Adds an event about a text.
    mutating func add(
        _ name: String,
        at place: Place,
        _ members: [(name: StaticString, value: [UInt8])]
    ) {
        var about: [(name: StaticString, value: [UInt8])] = [
            ("item_id", place.id), ("output_index", Array(String(place.item).utf8)),
        ]
        if let index = place.index { about.append((index.name, Array(String(index.value).utf8))) }
        add(name, about + members)
    }

    /// Ends an item that is open, with its texts as far as they were shown.
    ///
    /// - Returns: The item as it ended.
    mutating func close(_ item: ShownResponse.Item) -> [UInt8] {
        let id = JSONEdit.member("id", of: item.json) ?? Array("\"\"".utf8)
        var changes: [(name: StaticString, value: [UInt8])] = []
        if JSONEdit.member("status", of: item.json) != nil {
            changes.append(("status", Array("\"incomplete\"".utf8)))
        }
        // It vouches for text that was not shown.
        if JSONEdit.member("encrypted_content", of: item.json) != nil {
            changes.append(("encrypted_content", Array("null".utf8)))
        }
        var arrays: [(name: StaticString, parts: [[UInt8]])] = [("content", []), ("summary", [])]
        for part in item.parts.sorted(by: { $0.index < $1.index }) {
            guard let text = part.text else { continue }
            let place = Place(
                id: id,
                item: item.index,
                index: text.indexMember.map { ($0, part.index) }
            )
            let ended = close(part, of: text, at: place, in: item)
            if text.array == nil {
                changes.append((text.member, part.quoted))
            } else {
                arrays[text == .reasoningSummary ? 1 : 0].parts.append(ended)
            }
        }
        for (name, parts) in arrays where !parts.isEmpty {
            changes.append((name, ResponsesPieces.array(parts)))
        }
        let ended = JSONEdit.setting(changes, in: item.json)
        add("output_item.done", item: item.index, [("item", ended)])
        return ended
    }

    private mutating func close(
        _ part: ShownResponse.Part,
        of text: ResponsesText,
        at place: Place,
        in item: ShownResponse.Item
    ) -> [UInt8] {
        if !part.isSaid {
            var members: [(name: StaticString, value: [UInt8])] = [(text.member, part.quoted)]
            if text == .outputText { members.append(("logprobs", Array("[]".utf8))) }
            if text == .functionArguments, let name = JSONEdit.member("name", of: item.json) {
                members.append(("name", name))
            }
            add("\(text.stem).done", at: place, members)
        }
        let ended = part.isEnded ? part.json : part.finished(as: text)
        if !part.isEnded, !part.stem.isEmpty {
            let stem = String(decoding: part.stem, as: UTF8.self)
            add("\(stem).done", at: place, [("part", ended)])
        }
        return ended
    }
}

extension ShownResponse.Part {
    /// The text as a JSON string.
    fileprivate var quoted: [UInt8] { [UInt8(ascii: "\"")] + contents + [UInt8(ascii: "\"")] }

    /// The part with its text as far as it was shown.
    fileprivate func finished(as text: ResponsesText) -> [UInt8] {
        let began =
            json.isEmpty
            ? ResponsesPieces.object([("type", JSONString.quoted("\(text.holderType)"))]) : json
        var changes = [(name: text.member, value: quoted)]
        if !annotations.isEmpty {
            changes.append((name: "annotations", value: ResponsesPieces.array(annotations)))
        }
        return JSONEdit.setting(changes, in: began)
    }
}
