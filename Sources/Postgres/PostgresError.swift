/// Why PostgreSQL did not do what it was asked to.
public enum PostgresError: Error, Equatable, Sendable {
    /// The client library is not there, or is not one that prefd can use.
    case library(reason: String)
    /// No server that may be written to was reached; libpq's words, which name hosts and never a password.
    case unreachable(reason: String)
    /// The connection ended, or the server did not answer in time: what was under way may or may not be
    /// done.
    case lost(reason: String)
    /// The server refused a statement, with this SQLSTATE.
    case refused(state: String, message: String)
    /// A commit was carried out here, and the server did not wait until it was also elsewhere.
    case unconfirmed
    /// A row is not of the shape that was asked for.
    case badRow
}

extension PostgresError {
    /// Whether the same transaction may go through when it is tried again.
    public var isPassing: Bool {
        switch self {
        case .library, .badRow: false
        case .unreachable, .lost, .unconfirmed: true
        case .refused(let state, _):
            // Serialization failures and deadlocks; a server that stops, starts, is read-only since a
            // failover, has no room for a connection, or lost a race for making a table.
            ["40", "57", "08", "53"].contains { state.hasPrefix($0) }
                || ["25006", "23505", "42P07"].contains(state)
        }
    }

    /// Whether the connection is of no more use.
    public var endsConnection: Bool {
        switch self {
        case .lost, .unreachable, .library, .unconfirmed, .badRow: true
        // A standby, since the connection was made.
        case .refused(let state, _):
            state == "25006" || state.hasPrefix("57") || state.hasPrefix("08")
        }
    }
}

extension PostgresError: CustomStringConvertible {
    /// What was wrong, in words without any value.
    public var description: String {
        switch self {
        case .library(let reason): reason
        case .unreachable(let reason): reason
        case .lost(let reason): "the connection was lost (\(reason))"
        case .refused(let state, let message): "the server refused (\(state): \(message))"
        case .unconfirmed: "the server did not wait for its standby"
        case .badRow: "the server's tables are not those that prefd made"
        }
    }
}
