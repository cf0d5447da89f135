extension ControlClient {
    private static let keys = "/prefd/v1/admin/keys"

    /// Ages and counts of the store's keys.
    public func keyStatus() async throws(ControlFailure) -> KeyStatus {
        try await call("GET", Self.keys)
    }

    /// Exchanges the master key, or one user's data key, for a new one.
    public func rotate(_ rotation: KeyRotation) async throws(ControlFailure) -> KeyStatus {
        try await call("POST", Self.keys + "/rotate", sending: rotation)
    }
}
