internal import Dispatch
internal import Postgres

/// One connection and the thread that uses it; made anew when it has ended.
///
/// `@unchecked Sendable`: everything but the queue is used on the queue only.
final class FleetLane: @unchecked Sendable {
    let queue: DispatchQueue
    private let server: PostgresServer
    private let name: String
    private var connection: PostgresConnection?

    init(_ server: PostgresServer, name: String) {
        self.server = server
        self.name = name
        queue = DispatchQueue(label: name)
    }

    /// Runs something on the connection; blocks until it is done.
    func use<Value>(_ body: (PostgresConnection) throws -> Value) throws -> Value {
        dispatchPrecondition(condition: .onQueue(queue))
        let connection = try connection ?? server.connect(name: name)
        self.connection = connection
        do {
            return try body(connection)
        } catch {
            if connection.isBroken || (error as? PostgresError)?.endsConnection == true {
                self.connection = nil
            }
            throw error
        }
    }

    /// Whether there is a connection, which may have ended without anyone knowing.
    var isConnected: Bool {
        dispatchPrecondition(condition: .onQueue(queue))
        return connection != nil
    }

    func close() {
        dispatchPrecondition(condition: .onQueue(queue))
        connection = nil
    }
}
