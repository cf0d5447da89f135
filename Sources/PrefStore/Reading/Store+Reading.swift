internal import PrefModel

extension Store {
    /// The user's newest committed state, or nil for a principal of whom nothing is stored.
    func user(_ principal: Principal) async throws(StoreError) -> ProfileCache.Entry? {
        let tag = names.tag(of: principal)
        try engine.checkMemory()
        if let entry = engine.cache[tag] { return entry }
        guard engine.mayHold(tag), !engine.cache.isAbsent(tag) else { return nil }
        let load = engine.cache.beginLoad(tag)
        let found: UserState?
        do throws(StoreError) {
            found = try await engine.load(tag)
        } catch {
            engine.cache.abandon(load)
            throw error
        }
        guard found.map({ $0.head.principal == principal.spelling }) ?? true else {
            engine.cache.abandon(load)
            throw .recordDamaged(pseudonym: names.pseudonym(of: tag))
        }
        return engine.cache.endLoad(load, found: found)
    }
}
