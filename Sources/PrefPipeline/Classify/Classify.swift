import PrefModel

/// What a request says of its own circumstances, before its text is looked at.
struct Circumstances: Hashable {
    let context: RequestContext
    let tier: Tier
    let mode: PersonalizationMode
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

    private func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String,
        _ type: Value.Type
    ) throws(Refusal) -> Value? where Value.RawValue == String {
        guard let given = try headers.single(name) else { return nil }
        guard let value = Value(rawValue: given.lowercased()) else {
            throw .badHeader(
                name: name,
                allowed: "one of " + type.allCases.map(\.rawValue).joined(separator: ", ")
            )
        }
        return value
    }
}
