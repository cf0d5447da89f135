internal import CPostgres
internal import Glibc

/// One connection, used by one thread at a time.
///
/// No call waits for longer than it is told to: where the server does not answer the connection is given
/// up, and nothing is ever cancelled on the server.
@safe public final class PostgresConnection {
    /// How often it is asked whether to go on waiting.
    private static let slice = Duration.milliseconds(500)
    private let connection: OpaquePointer
    private let warnings: UnsafeMutablePointer<CInt>
    /// Whether the connection is of no more use.
    public private(set) var isBroken = false

    init(_ settings: [(name: String, value: String)]) throws(PostgresError) {
        // Unsafe: copies that are terminated, and freed when the call has returned.
        var names: [UnsafePointer<CChar>?] = unsafe settings.map {
            unsafe UnsafePointer(strdup($0.name))
        }
        var values: [UnsafePointer<CChar>?] = unsafe settings.map {
            unsafe UnsafePointer(strdup($0.value))
        }
        unsafe names.append(nil)
        unsafe values.append(nil)
        let opened = unsafe cpq_connect(names, values)
        unsafe (names + values).forEach { unsafe free(UnsafeMutableRawPointer(mutating: $0)) }
        guard let opened = unsafe opened else {
            throw .unreachable(reason: "there is no memory for a connection")
        }
        guard unsafe cpq_status(opened) == CPQ_CONNECTION_OK else {
            let reason = unsafe Self.line(cpq_error(opened))
            unsafe cpq_finish(opened)
            throw .unreachable(reason: reason)
        }
        unsafe connection = opened
        // Unsafe: owned by this object, and outlives the connection that counts in it.
        unsafe warnings = .allocate(capacity: 1)
        unsafe warnings.initialize(to: 0)
        unsafe cpq_count_warnings(opened, warnings)
        _ = unsafe cpq_nonblocking(opened)
    }

    deinit {
        // Unsafe: nothing refers to either any more.
        unsafe cpq_finish(connection)
        unsafe warnings.deallocate()
    }

    /// The warnings that the server has sent since the last look.
    public func takeWarnings() -> Int {
        // Unsafe: the object's own memory.
        defer { unsafe warnings.pointee = 0 }
        return Int(unsafe warnings.pointee)
    }

    /// Runs one statement, and waits longer than the limit while `keepsWaiting` says so.
    ///
    /// - Throws: ``PostgresError``; after ``PostgresError/lost(reason:)`` the connection is of no more use.
    @discardableResult
    public func run(
        _ statement: String,
        _ parameters: [PostgresValue] = [],
        within limit: Duration = .seconds(5),
        while keepsWaiting: () -> Bool = { false }
    ) throws(PostgresError) -> PostgresRows {
        guard !isBroken else { throw .lost(reason: "it had ended") }
        let deadline = ContinuousClock.now + limit
        try send(statement, parameters)
        while true {
            // Unsafe: the connection is this object's.
            let left = unsafe cpq_flush(connection)
            if left < 0 { throw broken() }
            if left == 0 { break }
            try wait(writing: true, until: deadline)
        }
        var rows = PostgresRows(rows: [], affected: 0)
        var failure: PostgresError?
        while true {
            while unsafe cpq_is_busy(connection) != 0 {
                try wait(writing: false, until: deadline, while: keepsWaiting)
                if unsafe cpq_consume(connection) == 0 { throw broken() }
            }
            guard let result = unsafe cpq_next_result(connection) else { break }
            defer { unsafe cpq_clear(result) }
            switch Int(unsafe cpq_result_status(result)) {
            case CPQ_COMMAND_OK, CPQ_TUPLES_OK: rows = unsafe Self.rows(of: result)
            default: failure = unsafe Self.error(of: result)
            }
        }
        if unsafe cpq_status(connection) != CPQ_CONNECTION_OK { throw broken() }
        if let failure {
            if failure.endsConnection { isBroken = true }
            throw failure
        }
        return rows
    }

    /// Gives the payloads of notifications that come within a time.
    ///
    /// Returns at the first ones.
    ///
    /// - Throws: ``PostgresError/lost(reason:)``.
    public func notifications(within limit: Duration) throws(PostgresError) -> [String] {
        let deadline = ContinuousClock.now + limit
        while true {
            var found: [String] = []
            // Unsafe: each is freed once it has been copied.
            while let notification = unsafe cpq_next_notification(connection) {
                found.append(unsafe String(cString: notification.pointee.payload))
                unsafe cpq_free_notification(notification)
            }
            guard found.isEmpty, ContinuousClock.now < deadline else { return found }
            guard isReady(writing: false, before: deadline) else { return [] }
            if unsafe cpq_consume(connection) == 0 { throw broken() }
        }
    }

    private func send(
        _ statement: String,
        _ parameters: [PostgresValue]
    ) throws(PostgresError) {
        let encoded = parameters.map(\.encoded)
        let all = encoded.reduce(into: [UInt8]()) { $0 += $1 ?? [] } + [0]
        let sent: CInt = unsafe all.withUnsafeBufferPointer { bytes in
            var offset = 0
            var values = unsafe [UnsafePointer<CChar>?]()
            for value in encoded {
                guard let value else {
                    unsafe values.append(nil)
                    continue
                }
                // Unsafe: points into `all`, whose last byte makes room for an empty value at the end.
                let place = unsafe bytes.baseAddress?.advanced(by: offset)
                unsafe values.append(
                    unsafe UnsafeRawPointer(place)?.assumingMemoryBound(to: CChar.self)
                )
                offset += value.count
            }
            // Unsafe: the arrays live for the call, which copies what it needs.
            return unsafe cpq_send(
                connection,
                statement,
                CInt(parameters.count),
                parameters.map(\.type),
                values,
                encoded.map { CInt($0?.count ?? 0) },
                [CInt](repeating: 1, count: parameters.count)
            )
        }
        if sent == 0 { throw broken() }
    }

    /// Waits for the socket; gives the connection up where that takes too long.
    private func wait(
        writing: Bool,
        until deadline: ContinuousClock.Instant,
        while keepsWaiting: () -> Bool = { false }
    ) throws(PostgresError) {
        while !isReady(
            writing: writing,
            before: ContinuousClock.now < deadline
                ? min(deadline, .now + Self.slice) : .now + Self.slice
        ) {
            guard ContinuousClock.now >= deadline, !keepsWaiting() else { continue }
            isBroken = true
            throw .lost(reason: "no answer in time")
        }
        // A server that sends must be read, or it does not read either.
        if writing, unsafe cpq_consume(connection) == 0 { throw broken() }
    }

    /// Whether there is something to read, or room to write, before a time.
    private func isReady(writing: Bool, before deadline: ContinuousClock.Instant) -> Bool {
        let left = (deadline - .now).components
        let milliseconds = left.seconds * 1_000 + left.attoseconds / 1_000_000_000_000_000
        var descriptor = pollfd(
            fd: unsafe cpq_socket(connection),
            events: Int16(POLLIN) | (writing ? Int16(POLLOUT) : 0),
            revents: 0
        )
        // Unsafe: poll fills in the one structure that it is given.
        let ready = unsafe poll(&descriptor, 1, CInt(clamping: max(0, milliseconds)))
        return ready > 0 || (ready < 0 && errno == EINTR)
    }

    private func broken() -> PostgresError {
        isBroken = true
        return .lost(reason: unsafe Self.line(cpq_error(connection)))
    }

    private static func rows(of result: OpaquePointer) -> PostgresRows {
        let columns = unsafe cpq_columns(result)
        let rows = (0..<(unsafe cpq_rows(result))).map { row in
            PostgresRow(
                columns: (0..<columns).map { column -> [UInt8]? in
                    guard unsafe cpq_is_null(result, row, column) == 0 else { return nil }
                    // Unsafe: the value is so long, and the result is cleared after this.
                    let value = unsafe UnsafeRawBufferPointer(
                        start: cpq_value(result, row, column),
                        count: Int(cpq_length(result, row, column))
                    )
                    return unsafe Array(value)
                }
            )
        }
        let affected = unsafe Int(String(cString: cpq_result_affected(result))) ?? 0
        return PostgresRows(rows: rows, affected: affected)
    }

    private static func error(of result: OpaquePointer) -> PostgresError {
        guard let state = unsafe cpq_result_state(result) else {
            return .lost(reason: "the server went away")
        }
        let message = unsafe cpq_result_message(result).map { unsafe line($0) } ?? ""
        return unsafe .refused(state: String(cString: state), message: message)
    }

    /// libpq's words on one line.
    private static func line(_ text: UnsafePointer<CChar>) -> String {
        unsafe String(cString: text).split(whereSeparator: \.isNewline).joined(separator: "; ")
    }
}
