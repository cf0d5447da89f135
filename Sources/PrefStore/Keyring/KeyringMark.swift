/// How many transactions the database had committed, kept in the keyring so that an older database
/// is noticed.
///
/// Written after each commit, not synced: it may lag behind the database after a power cut, but is
/// never ahead of it. The sector from 512 to 1024 holds two of them, written in turn, so that a
/// torn write leaves the other: commits (8) ‖ zero (24) ‖ code (32).
struct KeyringMark: Equatable {
    static let sectorOffset = 512
    static let sectorBytes = 512
    static let byteCount = 64

    var commits: UInt64

    /// Where this mark is written.
    var offset: Int { Self.sectorOffset + Int(commits % 2) * Self.byteCount }

    func encode(database: DatabaseID, codes: Authenticator) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(commits)
        bytes.pad(to: 32)
        return bytes + codes.code(for: Array("mark".utf8), database.bytes, bytes)
    }

    /// A sector with this mark in both places.
    func encodeSector(database: DatabaseID, codes: Authenticator) -> [UInt8] {
        let mark = encode(database: database, codes: codes)
        var bytes = mark + mark
        bytes.pad(to: Self.sectorBytes)
        return bytes
    }
}

extension KeyringMark {
    /// The newest mark of a sector that verifies, or nil.
    init?(reading sector: [UInt8], database: DatabaseID, codes: Authenticator) {
        guard sector.count == Self.sectorBytes else { return nil }
        var newest: UInt64?
        for offset in [0, Self.byteCount] {
            let bytes = Array(sector[offset..<(offset + Self.byteCount)])
            let mark = KeyringMark(commits: bytes.integer(at: 0))
            guard mark.encode(database: database, codes: codes).equalsInConstantTime(bytes) else {
                continue
            }
            newest = max(newest ?? 0, mark.commits)
        }
        guard let newest else { return nil }
        commits = newest
    }
}
