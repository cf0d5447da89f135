/// Users' records in one open transaction or snapshot: sealed, under handles, whatever database keeps
/// them.
///
/// All that is known here of a record is where it is; what it says, and whether it may be there, is
/// decided above.
protocol SealedRecords {
    /// The head of a user; nil where nothing is stored.
    func head(of handle: Handle) throws -> SealedHead?
    /// Records of one set, in no order.
    func rows(of set: SetName, _ choice: RowChoice, of handle: Handle) throws -> [SealedRow]
    /// Whether there are records beside the head.
    func hasRows(_ handle: Handle) throws -> Bool
    /// How many records there are.
    func count(_ handle: Handle) throws -> ErasureReceipt.Counts
    /// Writes a head: the first, or in the place of the one that is there.
    func put(_ head: SealedHead, of handle: Handle) throws
    /// Writes a record: a new one, or in the place of the one of its name.
    func put(_ row: SealedRow, of handle: Handle) throws
    /// Deletes a record.
    func remove(_ place: RecordPlace, of handle: Handle) throws
    /// Deletes every record of a set.
    func removeAll(_ set: SetName, of handle: Handle) throws
    /// Deletes everything of a user; false where there was nothing.
    func removeAll(of handle: Handle) throws -> Bool
}

/// A user's head as it is stored.
struct SealedHead: Sendable {
    let version: UInt64
    let epoch: UInt32
    let sealed: [UInt8]
}

/// A record as it is stored.
struct SealedRow: Sendable {
    let place: RecordPlace
    let epoch: UInt32
    let sealed: [UInt8]
}

/// Which records of a set.
enum RowChoice {
    case all
    /// Those whose hour has come, at most so many.
    case expired(upTo: Int64, limit: Int)
    /// The one of a name.
    case named(RowID)
}
