/// A parameter of a statement.
public enum PostgresValue: Sendable {
    case bytes([UInt8])
    case integer(Int64)
    case text(String)
    case null

    /// The type's number in every PostgreSQL: `bytea`, `int8`, `text`.
    var type: UInt32 {
        switch self {
        case .bytes: 17
        case .integer, .null: 20
        case .text: 25
        }
    }

    /// The value as it goes over the wire in binary.
    var encoded: [UInt8]? {
        switch self {
        case .bytes(let bytes): bytes
        case .integer(let value):
            (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * Int64($0))) }
        case .text(let text): Array(text.utf8)
        case .null: nil
        }
    }
}

/// What a statement gave back.
public struct PostgresRows: Sendable {
    /// Each row's columns, as they came over the wire.
    public let rows: [PostgresRow]
    /// How many rows a statement that changes some has changed.
    public let affected: Int
}

/// One row: columns by position.
public struct PostgresRow: Sendable {
    let columns: [[UInt8]?]

    /// A `bytea`.
    ///
    /// - Throws: ``PostgresError/badRow``.
    public func bytes(_ column: Int) throws(PostgresError) -> [UInt8] {
        guard columns.indices.contains(column), let bytes = columns[column] else { throw .badRow }
        return bytes
    }

    /// An `int8`.
    ///
    /// - Throws: ``PostgresError/badRow``.
    public func integer(_ column: Int) throws(PostgresError) -> Int64 {
        guard let value = try integerIfPresent(column) else { throw .badRow }
        return value
    }

    /// An `int8`, or nil.
    ///
    /// - Throws: ``PostgresError/badRow``.
    public func integerIfPresent(_ column: Int) throws(PostgresError) -> Int64? {
        guard columns.indices.contains(column) else { throw .badRow }
        guard let bytes = columns[column] else { return nil }
        guard bytes.count == 8 else { throw .badRow }
        return bytes.reduce(0) { $0 << 8 | Int64($1) }
    }
}
