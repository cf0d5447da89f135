internal import GRDB

extension Store {
    /// How the store is, in figures; never throws, so that it can be asked when all else fails.
    public func health() async -> StoreHealth {
        var version: Int?
        do { version = try await pool.read { db in try Schema.version(of: db) } } catch {}
        return StoreHealth(
            schemaVersion: version ?? Schema.version,
            users: keyring.userCount,
            databaseBytes: bytes(of: StateDirectory.databaseName),
            logBytes: bytes(of: StateDirectory.databaseName + "-wal"),
            keyringBytes: bytes(of: StateDirectory.keyringName),
            readable: version != nil,
            lastWriteFailure: queue.lastFailure
        )
    }

    private func bytes(of name: String) -> Int64 {
        do throws(StoreError) {
            return Int64(try directory.size(of: name))
        } catch {
            return 0
        }
    }
}
