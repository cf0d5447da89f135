internal import FoundationEssentials
public import PrefModel

/// What prefd keeps of its users: preferences, consents and signals, encrypted, one key a user.
///
/// Reading never waits for a write: profiles are in memory after their first load, and what is
/// read from disk comes from a snapshot. Writes are committed in groups and return when they are on
/// disk. An unknown principal is answered from memory and leaves no byte behind.
///
/// A store has two parts: files of this host, or tables of a server. The *keyring* knows who is who: for each user, under a keyed hash of the
/// principal, a random handle and a wrapped data key. The *database* knows handles only. Erasing a
/// user takes the key out of the one and the rows out of the other.
public final class Store: Sendable {
    let directory: StateDirectory
    let engine: any StoreEngine
    let now: @Sendable () -> Date
    /// Where the master key comes from, for one that is to change while the store is open.
    let source: MasterKeySource?
    /// Whether the store opened under the previous master key, and is under the present one since.
    public let changedMasterKey: Bool

    init(
        directory: StateDirectory,
        engine: any StoreEngine,
        now: @escaping @Sendable () -> Date,
        source: MasterKeySource? = nil,
        changedMasterKey: Bool = false
    ) {
        self.directory = directory
        self.engine = engine
        self.now = now
        self.source = source
        self.changedMasterKey = changedMasterKey
    }

    var names: StoreNames { engine.names }
    var queue: any WorkQueue { engine.queue }
    /// What keeps the store.
    public var kind: StoreKind { engine.kind }

    /// The name of a principal in logs and for admins: keyed, stable, and never an id.
    ///
    /// Memory only.
    public func pseudonym(of principal: Principal) -> String {
        names.pseudonym(of: names.tag(of: principal))
    }

    /// Commits what waits, writes the log back into the database and closes both files.
    ///
    /// Calls after it throw ``StoreError/closed``.
    public func checkpointAndClose() async {
        await engine.close()
    }
}
