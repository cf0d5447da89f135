internal import GRDB
internal import PrefModel

extension Store {
    /// The user's newest committed state, or nil for a principal of whom nothing is stored.
    func user(_ principal: Principal) async throws(StoreError) -> ProfileCache.Entry? {
        let tag = keyring.tag(of: principal)
        if let entry = cache[tag] { return entry }
        guard keyring.contains(tag) else { return nil }
        let load = cache.beginLoad(tag)
        let found: UserState?
        do throws(StoreError) {
            found = try await read(tag) { _, user in user }
        } catch {
            _ = cache.endLoad(load, found: nil)
            throw error
        }
        guard found.map({ $0.head.principal == principal.spelling }) ?? true else {
            _ = cache.endLoad(load, found: nil)
            throw .recordDamaged(pseudonym: keyring.pseudonym(of: tag))
        }
        return cache.endLoad(load, found: found)
    }

    /// Reads one user from a snapshot of the database; nil where nothing is stored.
    func read<Value: Sendable>(
        _ tag: IndexTag,
        _ body: @escaping @Sendable (Database, UserState) throws -> Value
    ) async throws(StoreError) -> Value? {
        let (keyring, directory) = (keyring, directory.path)
        while let entry = try keyring.entry(tag) {
            do {
                // The entry is read before the snapshot begins, so that it is never the newer one.
                return try await pool.read { db in
                    let loader = UserLoader(db: db, database: keyring.database)
                    return try loader.load(entry).map { user in try body(db, user) }
                }
            } catch {
                // The user may have been erased, or begun again, or got another data key in between.
                if keyring.isRotating(tag) {
                    do { try await Task.sleep(for: .milliseconds(1)) } catch {}
                    continue
                }
                let current = try keyring.entry(tag)
                if current?.handle != entry.handle || current?.epoch != entry.epoch { continue }
                throw StoreFailure.map(
                    error,
                    directory: directory,
                    pseudonym: keyring.pseudonym(of: tag)
                )
            }
        }
        return nil
    }
}
