internal import CPostgres

/// Where a database is: a libpq connection string, which may name several hosts.
public struct PostgresServer: Sendable {
    private let connection: String

    /// Takes a connection string, `host=… dbname=…` or `postgresql://…`.
    public init(_ connection: String) { self.connection = connection }

    /// Loads libpq; what has been loaded stays.
    ///
    /// - Throws: ``PostgresError/library(reason:)``.
    public static func load() throws(PostgresError) {
        // Unsafe: the shim returns NULL or a literal.
        if let reason = unsafe cpq_load() {
            throw .library(reason: unsafe String(cString: reason))
        }
    }

    /// Connects to the first host that may be written to, and waits for each a few seconds at most.
    ///
    /// Blocks.
    ///
    /// - Throws: ``PostgresError``: no library, or no such host.
    public func connect(name: String) throws(PostgresError) -> PostgresConnection {
        try Self.load()
        // What comes before `dbname` is a default that the string can change; what comes after is not.
        let settings = [
            ("connect_timeout", "3"), ("tcp_user_timeout", "10000"), ("keepalives_idle", "5"),
            ("keepalives_interval", "2"), ("keepalives_count", "3"),
            ("dbname", connection), ("target_session_attrs", "read-write"),
            ("application_name", name), ("client_encoding", "UTF8"),
        ]
        return try PostgresConnection(settings)
    }
}
