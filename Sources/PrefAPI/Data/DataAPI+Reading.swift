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

    /// The same as they count in an app.
    func preferences(
        of principal: Principal,
        in app: String
    ) async throws(APIRefusal) -> [Preference] {
        let held = try await fromStore { try await store.preferences(of: principal, in: app) }
        return held.sorted { sortKey($0) < sortKey($1) }
    }

    /// The context that a question is about, and its app: the one that asks, unless it names another.
    func contextAsked(
        _ call: Call
    ) throws(APIRefusal) -> (context: PreferenceContext, app: String) {
        var context = try contextReader.context(query: call.query)
        let app = context.app ?? call.request.app
        context.app = app
        return (context, app)
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
