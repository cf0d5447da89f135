/// Where a store's keys and records are: files of this host, or a server that several hosts share.
///
/// What is stored of whom, under which consent and for how long, is decided above it.
protocol StoreEngine: Sendable {
    /// The word for the kind, for people and configurations.
    var kind: StoreKind { get }
    /// What the store calls its users.
    var names: StoreNames { get }
    /// The users in memory.
    var cache: ProfileCache { get }
    /// This host's log.
    var audit: AuditLog { get }
    /// The way by which writes get there.
    var queue: any WorkQueue { get }

    /// Says no where what is in memory may be too old to be used.
    func checkMemory() throws(StoreError)
    /// Whether something may be stored of a user; memory only.
    func mayHold(_ tag: IndexTag) -> Bool
    /// Reads one user as of one moment; nil where nothing is stored.
    func read<Value: Sendable>(
        _ tag: IndexTag,
        _ body: @escaping @Sendable (any SealedRecords, UserState) throws -> Value
    ) async throws(StoreError) -> Value?
    /// Reads one user for a request, which does not wait long: it can do without.
    func load(_ tag: IndexTag) async throws(StoreError) -> UserState?
    /// Everyone of whom something is stored, in no order.
    func tags() async throws(StoreError) -> [IndexTag]
    /// Finds users by handle; those that are not there are left out.
    func tags(of handles: Set<Handle>) async throws -> [Handle: IndexTag]
    /// The next users with something that has expired, in the order of their handles.
    func handles(after last: Handle?, expiredBy hour: Int64, limit: Int) async throws -> [Handle]
    /// Makes room after so many records were deleted; gives the pages that the file system has back.
    func tidy(deleted: Int) async throws -> Int

    /// Runs something while nothing is written.
    func pausing<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws(StoreError) -> Value
    /// Exchanges the master key for the next one of a source.
    func changeMasterKey(from source: MasterKeySource) async throws(StoreError)
    /// Gives a user another data key; false where nothing is stored.
    func changeDataKey(of tag: IndexTag) async throws(StoreError) -> Bool
    /// The state of the keys.
    func keyReport(source: String?) async throws(StoreError) -> KeyReport
    /// What was told about the population last.
    func population() async throws(StoreError) -> [UInt8]?
    /// Keeps it; false where what was kept is not `old` any more.
    func keepPopulation(_ bytes: [UInt8], after old: [UInt8]?) async throws(StoreError) -> Bool
    /// How the store is.
    func health() async -> StoreHealth
    /// Commits what waits, and lets go of everything.
    func close() async
}

/// What keeps a store.
public enum StoreKind: String, Codable, Sendable {
    /// Files in the state directory.
    case sqlite
    /// A PostgreSQL server that several hosts share.
    case postgres
}
