/// What a batch needs to know of users' keys.
protocol BatchKeys {
    /// What the store calls its users.
    var names: StoreNames { get }
    /// The user's entry, or nil where there is none.
    func entry(_ tag: IndexTag) throws -> KeyringEntry?
    /// Whether what is in memory of a user is what is stored.
    func isCurrent(_ state: UserState) throws -> Bool
    /// Takes a new user's entry, and gives the one that is theirs.
    func reserve(_ entry: KeyringEntry) throws -> KeyringEntry
}

/// The one process that has a keyring open knows what it has written, and writes new entries when the
/// batch is committed.
extension Keyring: BatchKeys {
    func isCurrent(_ state: UserState) -> Bool { true }
    func reserve(_ entry: KeyringEntry) -> KeyringEntry { entry }
}
