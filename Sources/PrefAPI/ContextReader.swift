internal import PrefModel

/// Reads where a preference holds, from a query or from a `context` object.
struct ContextReader {
    /// The names a context has, in a query as in an object.
    static let fields = ["task", "app", "language", "situation", "topic"]

    /// The longest app name and topic, in characters.
    static let longestName = 64

    let screen: FreeTextScreen

    /// The context of a query; other names than a context's are refused.
    func context(query: [(name: String, value: String)]) throws(APIRefusal) -> PreferenceContext {
        var values: [String: String] = [:]
        for (name, value) in query {
            guard Self.fields.contains(name) else {
                let nearest = Nearest.of(name, among: Self.fields)
                throw .malformed(
                    "The query has a name that this call does not take.",
                    hint: nearest.map { "Did you mean \($0)?" }
                        ?? "It takes \(Self.fields.joined(separator: ", "))."
                )
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw .malformed("The query has \(name) twice.", hint: "Send it once.")
            }
        }
        return try context(values, place: { "query \($0)" })
    }

    /// The context of an object such as `{"task": "coding"}`.
    func context(object: JSONNode, path: String) throws(APIRefusal) -> PreferenceContext {
        let object = try BodyObject(object, path: path, fields: Self.fields)
        var values: [String: String] = [:]
        for name in Self.fields {
            if let value = try object.string(name) { values[name] = value }
        }
        return try context(values, place: object.place)
    }

    private func context(
        _ values: [String: String],
        place: (String) -> String
    ) throws(APIRefusal) -> PreferenceContext {
        var context = PreferenceContext()
        if let task = values["task"] {
            context.task = try choice(task, of: TaskKind.self, at: place("task"))
        }
        if let situation = values["situation"] {
            context.situation = try choice(situation, of: Situation.self, at: place("situation"))
        }
        if let app = values["app"] { context.app = try name(app, at: place("app")) }
        if let topic = values["topic"] { context.topic = try self.topic(topic, at: place("topic")) }
        if let language = values["language"] {
            guard let tag = LanguageTag.canonical(language) else {
                throw .badValue(
                    "\(place("language")) is not a language tag.",
                    hint: "Send a BCP 47 tag such as en, pt-BR or zh-Hant."
                )
            }
            context.language = tag
        }
        return context
    }

    private func choice<Value: RawRepresentable<String> & CaseIterable>(
        _ text: String,
        of type: Value.Type,
        at place: String
    ) throws(APIRefusal) -> Value {
        if let value = Value(rawValue: text.lowercased()) { return value }
        let allowed = Value.allCases.map(\.rawValue)
        throw .badValue(
            "\(place) is not one that prefd knows.",
            hint: "Choose one of: \(allowed.joined(separator: ", ")).",
            allowed: allowed
        )
    }

    private func name(_ text: String, at place: String) throws(APIRefusal) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { $0.value > 0x1F && $0.value != 0x7F }
        guard !text.isEmpty, text.unicodeScalars.count <= Self.longestName, isPlain else {
            throw .badValue(
                "\(place) is not a name.",
                hint: "Send 1 to \(Self.longestName) printable characters."
            )
        }
        return text
    }

    /// A topic goes into the prompt beside the directive, so that it must be a few plain words, and
    /// is held to what free text is held to.
    private func topic(_ text: String, at place: String) throws(APIRefusal) -> String {
        let words = text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let isPlain = words.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || $0.properties.numericType != nil
                || " -'&./".unicodeScalars.contains($0)
                || $0.properties.generalCategory == .nonspacingMark
                || $0.properties.generalCategory == .spacingMark
        }
        guard !words.isEmpty, words.unicodeScalars.count <= Self.longestName, isPlain else {
            throw .badValue(
                "\(place) is not a topic.",
                hint: "Send a few plain words, \(Self.longestName) characters at most, "
                    + "such as politics or contract law."
            )
        }
        do {
            try screen(words, DimensionID(rawValue: "topic"))
        } catch {
            throw .preference(error)
        }
        return words
    }
}
