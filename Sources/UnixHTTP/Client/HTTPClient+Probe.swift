extension HTTPClient {
    /// Makes a connection, TLS included, and closes it: whether somebody is there, without asking
    /// anything of them.
    ///
    /// - Throws: ``ClientError``, why there is no connection.
    public func probe(_ endpoint: Endpoint, timeout: Duration) async throws(ClientError) {
        let connection = try await connect(to: endpoint, timeout: timeout)
        connection.onLoop { $0.close() }
    }
}
