internal import PrefControl
internal import PrefModel

extension DataAPI {
    /// `GET /prefd/v1/preferences[?task=…]`.
    func listPreferences(_ call: Call) async throws(APIRefusal) -> APIResponse {
        let (context, app) = try contextAsked(call)
        let shown =
            call.query.isEmpty
            ? try await preferences(of: call.principal)
            : Resolution.inForce(
                try await preferences(of: call.principal, in: app),
                in: context
            )
        return try .json(PreferenceList(preferences: shown.map(entry)))
    }

    /// `GET /prefd/v1/preferences/{dimension}[?task=…]`.
    func showPreference(_ id: DimensionID, _ call: Call) async throws(APIRefusal) -> APIResponse {
        let dimension = try known(id)
        let (context, app) = try contextAsked(call)
        let held = try await preferences(of: call.principal).filter { $0.key.dimension == id }
        let here = try await preferences(of: call.principal, in: app)
            .filter { $0.key.dimension == id }
        return try .json(
            DimensionPreferences(
                dimension: id,
                tier: dimension.tier,
                value: Resolution.inForce(here, in: context).first?.value,
                preferences: held.map(entry)
            )
        )
    }

    /// `PUT /prefd/v1/preferences/{dimension}[?task=…]` with `{"value": …}`.
    func setPreference(_ id: DimensionID, _ call: Call) async throws(APIRefusal) -> APIResponse {
        // The dimension first: whoever tries to set a universal matter shall read why not, whatever
        // the body.
        _ = try known(id)
        let context = try contextReader.context(query: call.query)
        let body = try BodyObject(body: call.request.body, fields: ["value"])
        let key = PreferenceKey(dimension: id, context: context)
        let value = try accept(body, for: key)
        let (entries, receipt) = try await keep([(key, value)], call)
        guard let entry = entries.first else { throw .internalFailure }
        return try .json(PreferenceChange(preference: entry, receipt: receipt))
    }

    /// `PUT /prefd/v1/preferences` with `{"preferences": […]}`: all or none.
    func setPreferences(_ call: Call) async throws(APIRefusal) -> APIResponse {
        try call.refuseQuery()
        let body = try BodyObject(body: call.request.body, fields: ["preferences"])
        guard let elements = try body.array("preferences"), !elements.isEmpty else {
            throw body.missing("preferences", wanted: "a list of {dimension, value, context}")
        }
        var settings: [(key: PreferenceKey, value: String)] = []
        for (index, element) in elements.enumerated() {
            let setting = try self.setting(element, path: "preferences[\(index)]")
            guard !settings.contains(where: { $0.key == setting.key }) else {
                throw .conflict(
                    code: "conflicting_preferences",
                    "preferences[\(index)] sets what an earlier entry sets already.",
                    hint: "Send each dimension once for each context."
                )
            }
            settings.append(setting)
        }
        let (entries, receipt) = try await keep(settings, call)
        return try .json(PreferenceChanges(preferences: entries, receipt: receipt))
    }

    /// `DELETE /prefd/v1/preferences[/{dimension}][?task=…]`.
    ///
    /// Without a context everything goes, whatever context it holds in; with one, only what was set
    /// for exactly that context.
    func removePreferences(
        of id: DimensionID?,
        _ call: Call
    ) async throws(APIRefusal) -> APIResponse {
        if let id { _ = try known(id) }
        let context = try contextReader.context(query: call.query)
        let meant = try await preferences(of: call.principal).filter { preference in
            (id == nil || preference.key.dimension == id)
                && (call.query.isEmpty || preference.key.context == context)
        }
        let keys = meant.filter { $0.source == .explicit }.map(\.key)
        if let id, keys.isEmpty, !meant.isEmpty {
            throw .conflict(
                code: "learned_preference",
                "\(id) was learned from your signals, and goes with them.",
                hint:
                    "Set a value of your own, which always wins, or withdraw signals.explicit and "
                    + "signals.implicit."
            )
        }
        guard !keys.isEmpty else { return try .json(PreferencesRemoved(removed: 0)) }
        let removed = try await fromStore {
            try await store.removePreferences(keys, of: call.principal)
        }
        journal.done(
            .preferenceChanged,
            "Preferences were removed.",
            call.request,
            more: ["PREFD_COUNT": String(removed.count)]
        )
        return try .json(PreferencesRemoved(removed: removed.count))
    }

    private func setting(
        _ element: JSONNode,
        path: String
    ) throws(APIRefusal) -> (key: PreferenceKey, value: String) {
        let object = try BodyObject(element, path: path, fields: ["dimension", "value", "context"])
        let id = DimensionID(rawValue: try object.requiredString("dimension"))
        _ = try known(id)
        var context = PreferenceContext.everywhere
        if let node = object.node("context") {
            context = try contextReader.context(object: node, path: "\(path).context")
        }
        let key = PreferenceKey(dimension: id, context: context)
        return (key, try accept(object, for: key))
    }

    /// A preference for a topic that no request is ever recognized to be about would never hold; nor
    /// would one for a universal matter.
    private func refuseUnknownTopic(_ name: String?) throws(APIRefusal) {
        guard let name, let topics else { return }
        let names = topics().filter { $0.tier != .universal }.map(\.name)
        guard !names.isEmpty, !names.contains(name) else { return }
        throw .badValue(
            "That is no topic that prefd recognizes and preferences are for.",
            hint: Nearest.of(name, among: names).map { "Did you mean \($0)?" }
                ?? "Choose one of: \(names.joined(separator: ", ")).",
            allowed: names
        )
    }

    private func accept(_ object: BodyObject, for key: PreferenceKey) throws(APIRefusal) -> String {
        let dimension = try known(key.dimension)
        try refuseUnknownTopic(key.context.topic)
        guard let node = object.node("value") else {
            throw object.missing("value", wanted: "a string")
        }
        do throws(PreferenceRefusal) {
            guard case .string(let text) = node else {
                throw PreferenceRefusal.badValue(dimension.id, allowed: dimension.allowedInWords)
            }
            let value = try vocabulary.accept(text, for: key)
            if dimension.kind == .freeText { try screen(value, dimension.id) }
            return value
        } catch {
            throw .preference(error)
        }
    }

    private func keep(
        _ settings: [(key: PreferenceKey, value: String)],
        _ call: Call
    ) async throws(APIRefusal) -> (entries: [PreferenceEntry], receipt: ConsentRecord?) {
        let (kept, receipt) = try await fromStore {
            try await store.set(
                settings.map { ($0.key, $0.value) },
                of: call.principal,
                method: .bySetting
            )
        }
        for setting in settings {
            journal.done(
                .preferenceChanged,
                "A preference was set.",
                call.request,
                tier: vocabulary.dimension(setting.key.dimension)?.tier,
                more: ["PREFD_DIMENSION": setting.key.dimension.rawValue]
            )
        }
        if receipt != nil {
            journal.done(
                .consentGranted,
                "Consent was given by setting a preference.",
                call.request,
                more: ["PREFD_SCOPE": ConsentScope.preferences.journalName]
            )
        }
        return (kept.map(entry), receipt)
    }
}

extension Dimension {
    /// What the dimension takes, for a message.
    var allowedInWords: [String] {
        switch kind {
        case .choice: allowedValues
        case .languageTag: ["a BCP 47 tag such as en, pt-BR or zh-Hant"]
        case .freeText: ["1 to \(maxCharacters ?? 500) characters of text"]
        }
    }
}
