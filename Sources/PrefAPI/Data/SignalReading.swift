internal import PrefModel

/// A signal's report, checked.
struct ReadSignal {
    let requestID: String?
    let kind: SignalKind
    let rating: Double?
    /// The texts by role: `chosen`, `rejected.0`, …, `before`, `after`, `answer`, `text`.
    let texts: [String: String]
    let context: PreferenceContext?
}

/// Reads and checks the body of a signal: the fields of its kind, and no others.
struct SignalReading {
    /// How many rejected answers one choice may have.
    static let mostRejected = 16
    /// The longest request id, in bytes.
    static let longestRequestID = 128

    let limits: APILimits
    let contexts: ContextReader

    private static let allFields = [
        "request_id", "kind", "value", "chosen", "rejected", "before", "after", "answer", "text",
        "context",
    ]

    /// The fields of a kind besides `kind`, `request_id` and `context`.
    private static func fields(of kind: SignalKind) -> [String] {
        switch kind {
        case .rating: ["value", "answer"]
        case .choice: ["chosen", "rejected"]
        case .edit: ["before", "after"]
        case .followup: ["text", "answer"]
        case .regenerate, .copy, .abandon: ["answer"]
        }
    }

    /// Reads a body.
    func read(_ body: [UInt8]) throws(APIRefusal) -> ReadSignal {
        let object = try BodyObject(body: body, fields: Self.allFields)
        let kind = try kind(object)
        let own = Self.fields(of: kind)
        for field in Self.allFields where object.has(field) {
            guard ["request_id", "kind", "context"].contains(field) || own.contains(field) else {
                throw .malformed(
                    "\(field) does not go with a \(kind.rawValue).",
                    hint: "A \(kind.rawValue) takes \(own.joined(separator: ", "))."
                )
            }
        }
        var context: PreferenceContext?
        if let node = object.node("context") {
            context = try contexts.context(object: node, path: "context")
        }
        return ReadSignal(
            requestID: try requestID(object),
            kind: kind,
            rating: kind == .rating ? try rating(object) : nil,
            texts: try texts(object, kind),
            context: context
        )
    }

    private func kind(_ object: BodyObject) throws(APIRefusal) -> SignalKind {
        let name = try object.requiredString("kind")
        if let kind = SignalKind(rawValue: name) { return kind }
        let allowed = SignalKind.allCases.map(\.rawValue)
        throw .badValue(
            "kind is not one that prefd knows.",
            hint: "Choose one of: \(allowed.joined(separator: ", ")).",
            allowed: allowed
        )
    }

    private func requestID(_ object: BodyObject) throws(APIRefusal) -> String? {
        guard let id = try object.string("request_id") else { return nil }
        guard !id.isEmpty, id.utf8.count <= Self.longestRequestID else { throw .unknownRequest }
        return id
    }

    private func rating(_ object: BodyObject) throws(APIRefusal) -> Double {
        switch object.node("value") {
        case .string("up"): return 5
        case .string("down"): return 1
        case .number(let value) where (1...5).contains(value): return value
        case nil: throw object.missing("value", wanted: "1 to 5, \"up\" or \"down\"")
        default:
            throw .badValue(
                "value is not a rating.",
                hint: "Send a number from 1 to 5, \"up\" or \"down\".",
                allowed: ["1 to 5", "up", "down"]
            )
        }
    }

    private func texts(
        _ object: BodyObject,
        _ kind: SignalKind
    ) throws(APIRefusal) -> [String: String] {
        var texts: [String: String] = [:]
        switch kind {
        case .choice:
            texts["chosen"] = try object.requiredString("chosen")
            let rejected = try self.rejected(object)
            for (index, text) in rejected.enumerated() { texts["rejected.\(index)"] = text }
            guard let chosen = texts["chosen"], !rejected.contains(chosen) else {
                throw .badValue(
                    "The chosen answer is among the rejected ones.",
                    hint: "Send answers that differ; a choice between equal ones says nothing."
                )
            }
        case .edit:
            texts["before"] = try object.requiredString("before")
            texts["after"] = try object.requiredString("after")
            guard texts["before"] != texts["after"] else {
                throw .badValue(
                    "before and after are the same.",
                    hint: "Send an edit that changed something."
                )
            }
        default:
            for role in ["answer", "text"] {
                if let text = try object.string(role) { texts[role] = text }
            }
        }
        for (role, text) in texts.sorted(by: { $0.key < $1.key }) {
            guard text.utf8.count <= limits.signalTextBytes else {
                throw .badValue(
                    "\(role) is longer than \(limits.signalTextBytes) bytes.",
                    hint: "Send a shorter text."
                )
            }
        }
        return texts
    }

    private func rejected(_ object: BodyObject) throws(APIRefusal) -> [String] {
        guard let nodes = try object.array("rejected") else {
            throw object.missing("rejected", wanted: "a list of at least one text")
        }
        guard (1...Self.mostRejected).contains(nodes.count) else {
            throw .badValue(
                "rejected has \(nodes.count) answers.",
                hint: "Send 1 to \(Self.mostRejected) answers that were not chosen."
            )
        }
        var texts: [String] = []
        for (index, node) in nodes.enumerated() {
            guard case .string(let text) = node else {
                throw .malformed(
                    "rejected[\(index)] is \(node.kind), not a string.",
                    hint: "Send texts."
                )
            }
            texts.append(text)
        }
        return texts
    }
}
