internal import FoundationEssentials
internal import GRDB
internal import Postgres

/// Says in the store's own words what went wrong underneath.
enum StoreFailure {
    /// Maps any failure; `pseudonym` is of whom the call was about.
    static func map(_ error: any Error, directory: String, pseudonym: String) -> StoreError {
        switch error {
        case let error as StoreError: error
        case is Envelope.Damaged, is DecodingError: .recordDamaged(pseudonym: pseudonym)
        case is EncodingError: .notStorable
        case let error as Keyring.WriteFailure: .unavailable(reason: error.reason)
        case let error as SystemCall: .unavailable(reason: error.reason)
        case is DatabaseState.Damaged:
            .databaseDamaged(directory: directory, detail: "its state row was changed")
        case let error as DatabaseError: map(error, directory: directory)
        case .library(let reason) as PostgresError: .libraryMissing(reason: reason)
        case let error as PostgresError: .serverAway(reason: error.description)
        case is FleetTransaction.KeysChanged:
            .keyringDamaged(directory: FleetHeader.place, part: "an entry does not open")
        default: .unavailable(reason: "an unforeseen failure in the store")
        }
    }

    /// Maps a database error by its code; its message could quote SQL and is left out.
    static func map(_ error: DatabaseError, directory: String) -> StoreError {
        switch error.resultCode {
        case .SQLITE_CORRUPT:
            .databaseDamaged(directory: directory, detail: "its pages do not fit together")
        case .SQLITE_NOTADB:
            .databaseDamaged(directory: directory, detail: "it is not a database")
        // The statements are prefd's own, so it is the tables that are not.
        case .SQLITE_ERROR:
            .databaseDamaged(
                directory: directory,
                detail: "its tables are not those that prefd made"
            )
        case .SQLITE_FULL: .unavailable(reason: "database: no space is left on the disk")
        case .SQLITE_IOERR:
            .unavailable(
                reason: "database: the disk failed (code \(error.extendedResultCode.rawValue))"
            )
        case .SQLITE_READONLY: .unavailable(reason: "database: it may not be written")
        case .SQLITE_BUSY, .SQLITE_LOCKED: .unavailable(reason: "database: it is locked")
        case .SQLITE_MISUSE, .SQLITE_ABORT, .SQLITE_INTERRUPT: .closed
        default:
            .unavailable(reason: "database: code \(error.extendedResultCode.rawValue)")
        }
    }
}
