extension Store {
    /// How the store is, in figures; never throws, so that it can be asked when all else fails.
    public func health() async -> StoreHealth { await engine.health() }
}
