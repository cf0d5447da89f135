public import PrefStore

/// What the admin's calls on keys need of the store.
public protocol Custody: Sendable {
    /// The state of the keys.
    func keyReport() async throws(StoreError) -> KeyReport
    /// Exchanges the master key for a new one.
    func changeMasterKey() async throws(StoreError)
    /// Gives the user of a pseudonym another data key; false where there is no such user.
    func changeDataKey(pseudonym: String) async throws(StoreError) -> Bool
}

extension Store: Custody {}
