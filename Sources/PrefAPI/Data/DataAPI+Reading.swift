internal import PrefControl
internal import PrefModel
internal import PrefStore

extension DataAPI {
    /// Reads contexts under this API's screen for free text.
    var contextReader: ContextReader { ContextReader(screen: screen) }

    /// The dimension of a name, or the refusal that says why there is none.
    func known(_ id: DimensionID) throws(APIRefusal) -> Dimension {
        do {
            return try vocabulary.known(id)
        } catch {
            throw .preference(error)
        }
    }

    /// The principal's preferences in the vocabulary's order, the least specific first.
    func preferences(of principal: Principal) async throws(APIRefusal) -> [Preference] {
        let held = try await fromStore { try await store.preferences(of: principal) }
        return held.sorted { sortKey($0) < sortKey($1) }
    }

    /// The same as they count in a context's app.
    func preferences(
        of principal: Principal,
        in context: PreferenceContext
    ) async throws(APIRefusal) -> [Preference] {
        guard let app = context.app else { return try await preferences(of: principal) }
        let held = try await fromStore { try await store.preferences(of: principal, in: app) }
        return held.sorted { sortKey($0) < sortKey($1) }
    }

    /// The context that a question is about: in the app that asks, unless it names another.
    func contextAsked(_ call: Call) throws(APIRefusal) -> PreferenceContext {
        var context = try contextReader.context(query: call.query)
        context.app = context.app ?? call.request.app
        return context
    }

    /// The wire form of a preference.
    func entry(_ preference: Preference) -> PreferenceEntry {
        let tier = vocabulary.dimension(preference.key.dimension)?.tier ?? .safeguarded
        return PreferenceEntry(preference, tier: tier)
    }

    /// Asks the store; what it refuses becomes an answer.
    func fromStore<Value>(
        _ ask: () async throws -> Value
    ) async throws(APIRefusal) -> Value {
        do {
            return try await ask()
        } catch let error as StoreError {
            throw APIRefusal(error)
        } catch {
            throw .storeUnavailable
        }
    }

    private func sortKey(_ preference: Preference) -> (Int, Int, String) {
        let context = preference.key.context
        let parts = [context.task?.rawValue, context.app, context.language, context.topic]
        return (
            vocabulary.position(of: preference.key.dimension), context.specificity,
            parts.map { $0 ?? "" }.joined(separator: "\u{0}")
        )
    }
}
