import PrefModel

import PrefTopics

/// What a request says of its own circumstances, and what it is about.
struct Circumstances: Hashable {
    var context: RequestContext
    var tier: Tier
    let mode: PersonalizationMode
    /// The topics that are sure, the strictest and surest first.
    var topics: [String] = []

    /// The same, of a request in which these topics were recognized.
    func about(_ findings: [TopicFinding]) -> Circumstances {
        var circumstances = self
        circumstances.tier = TopicSet.tier(of: findings)
        circumstances.topics = findings.filter(\.isSure).map(\.topic)
        circumstances.context.topic = circumstances.topics.first
        return circumstances
    }
}

extension IncomingRequest {
    /// Reads the circumstances from prefd's own headers.
    ///
    /// - Throws: ``Refusal/badHeader(name:allowed:)`` for a value that the header does not take: a
    ///   misspelt `off` must not switch personalization on.
    func circumstances(app: String) throws(Refusal) -> Circumstances {
        let task = try choice("X-Prefd-Task", TaskKind.self) ?? .chat
        let situation = try choice("X-Prefd-Situation", Situation.self) ?? .normal
        let mode = try choice("X-Prefd-Mode", PersonalizationMode.self) ?? .on
        return Circumstances(
            context: RequestContext(task: task, app: app, situation: situation),
            tier: .personalizable,
            mode: mode
        )
    }

    func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String,
        _ type: Value.Type
    ) throws(Refusal) -> Value? where Value.RawValue == String {
        guard let given = try ownFields.single(name) else { return nil }
        guard let value = Value(rawValue: given.lowercased()) else {
            throw .badHeader(
                name: name,
                allowed: "one of " + type.allCases.map(\.rawValue).joined(separator: ", ")
            )
        }
        return value
    }
}
