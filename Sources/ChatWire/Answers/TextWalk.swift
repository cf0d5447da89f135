/// Finds every string that may hold text in a value of a validated JSON document.
///
/// One pass, with a stack of its own: neither depth nor repetition makes it slow or deep.
struct TextWalk {
    /// How the strings that are found are to be understood.
    struct Reading {
        /// The choice they belong to.
        var choice = ChannelID.noChoice
        /// Whether the next event may continue them.
        var continues = false
        /// Whether names and seals are left out; false finds every string.
        var skipsOpaque = true
    }

    private struct Level {
        enum Cursor {
            case members(JSONMembers)
            case elements(JSONElements)
        }
        var cursor: Cursor
        let pathCount: Int
        /// Elements so far.
        var position = 0
        /// An array of parts that are one text.
        let holdsParts: Bool
        /// Where the object's keys begin in `keys`.
        let firstKey: Int

        /// The offset behind the container, once its cursor is at the end.
        var end: Int {
            switch cursor {
            case .members(let members): members.end
            case .elements(let elements): elements.end
            }
        }

        mutating func resume(after end: Int) {
            switch cursor {
            case .members(var members):
                members.resume(after: end)
                cursor = .members(members)
            case .elements(var elements):
                elements.resume(after: end)
                cursor = .elements(elements)
            }
        }
    }

    /// How many members of an object are watched for a second one of the same name: watching all
    /// would make a huge object cost its square.
    private static let watchedKeys = 32

    private var levels: [Level] = []
    /// Keys of strings seen in the objects that are open.
    private var keys: [JSONStringRange] = []
    private(set) var path = TextPath()

    /// Walks the value at `offset` and returns the offset behind it.
    ///
    /// `key` is the member it is the
    /// value of; nil where paths begin with the value's own members.
    mutating func walk(
        _ text: Span<UInt8>,
        at offset: Int,
        under key: JSONStringRange? = nil,
        _ reading: Reading,
        into outline: inout AnswerOutline
    ) -> Int {
        levels.removeAll(keepingCapacity: true)
        keys.removeAll(keepingCapacity: true)
        path.cut(to: 0)
        if let key { path.append(key: key, text) }
        var end = visit(text, at: offset, reading, into: &outline)
        while var level = levels.popLast() {
            path.cut(to: level.pathCount)
            if let end { level.resume(after: end) }
            guard let next = advance(&level, text, &outline) else {
                keys.removeSubrange(level.firstKey...)
                end = level.end
                continue
            }
            levels.append(level)
            end = visit(text, at: next, reading, into: &outline)
        }
        return end ?? JSON.end(text, ofValueAt: offset)
    }

    /// Handles one value: a string is recorded, a container is pushed (and its end not known yet).
    private mutating func visit(
        _ text: Span<UInt8>,
        at offset: Int,
        _ reading: Reading,
        into outline: inout AnswerOutline
    ) -> Int? {
        switch JSON.kind(text, at: offset) {
        case .string:
            let string = JSONString.scan(text, at: offset)
            record(text, string, reading, into: &outline)
            return string.contents.upperBound + 1
        case .object:
            levels.append(
                Level(
                    cursor: .members(JSONMembers(objectAt: offset)),
                    pathCount: path.count,
                    holdsParts: false,
                    firstKey: keys.count
                )
            )
            return nil
        case .array:
            levels.append(
                Level(
                    cursor: .elements(JSONElements(arrayAt: offset)),
                    pathCount: path.count,
                    holdsParts: path.holdsParts,
                    firstKey: keys.count
                )
            )
            return nil
        default:
            return JSON.end(text, ofValueAt: offset)
        }
    }

    /// The offset of the level's next value, with its path; nil at the level's end.
    private mutating func advance(
        _ level: inout Level,
        _ text: Span<UInt8>,
        _ outline: inout AnswerOutline
    ) -> Int? {
        switch level.cursor {
        case .members(var members):
            guard let member = members.next(in: text) else {
                level.cursor = .members(members)
                return nil
            }
            level.cursor = .members(members)
            path.append(key: member.key, text)
            if JSON.kind(text, at: member.value) == .string {
                let occurrence = occurrence(of: member.key, since: level.firstKey, text)
                if occurrence > 1 {
                    path.append(occurrence: occurrence)
                    outline.isAmbiguous = true
                }
            }
            return member.value
        case .elements(var elements):
            let next = elements.next(in: text)
            level.cursor = .elements(elements)
            guard let next else { return nil }
            // Only close to the root, so that looking ahead stays linear.
            let given = levels.count < 2 ? Self.givenIndex(text, at: next) : nil
            path.append(position: given ?? (level.holdsParts ? nil : level.position))
            level.position += 1
            return next
        }
    }

    private func record(
        _ text: Span<UInt8>,
        _ string: JSONStringRange,
        _ reading: Reading,
        into outline: inout AnswerOutline
    ) {
        if reading.skipsOpaque, path.isOpaque(text, string), !path.isInArguments { return }
        let channel = path.channelPath
        let (surface, holdsJSON) = path.surface(of: channel)
        outline.fields.append(
            TextField(
                channel: ChannelID(choice: reading.choice, path: channel),
                surface: surface,
                string: string,
                continues: reading.continues,
                holdsJSON: holdsJSON
            )
        )
    }

    /// The `index` member of the object at `offset`: tool calls come in pieces joined by it.
    private static func givenIndex(_ text: Span<UInt8>, at offset: Int) -> Int? {
        guard JSON.kind(text, at: offset) == .object else { return nil }
        var members = JSONMembers(objectAt: offset)
        while let member = members.next(in: text) {
            guard member.isNamed("index", text) else { continue }
            return RequestValue.integer(text, at: member.value)
        }
        return nil
    }

    /// How many strings of that key the open object has had, this one included.
    private mutating func occurrence(
        of key: JSONStringRange,
        since first: Int,
        _ text: Span<UInt8>
    ) -> Int {
        var count = 1
        for other in keys[first...] where JSONString.areEqual(text, other, key) { count += 1 }
        if keys.count - first < Self.watchedKeys { keys.append(key) }
        return count
    }
}
