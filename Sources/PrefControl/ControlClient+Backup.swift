extension ControlClient {
    private static let backups = "/prefd/v1/admin/backups"
    /// Copying and verifying takes as long as the store is large.
    private static let patience = Duration.seconds(24 * 3_600)

    /// Has prefd make a backup.
    public func makeBackup() async throws(ControlFailure) -> BackupOffer {
        try await call("POST", Self.backups, within: Self.patience)
    }

    /// Reads a piece of one of its files; less than ``BackupFiles/pieceBytes`` only at the end.
    public func backupPiece(
        _ id: String,
        file: String,
        at offset: Int
    ) async throws(ControlFailure) -> [UInt8] {
        try await bytes("GET", Self.path(id, file), query: [("offset", String(offset))])
    }

    /// Begins to send a backup.
    public func beginUpload() async throws(ControlFailure) -> BackupUpload {
        try await call("POST", Self.backups + "/uploads")
    }

    /// Sends a piece of one of its files.
    public func sendBackupPiece(
        _ piece: [UInt8],
        _ id: String,
        file: String,
        at offset: Int
    ) async throws(ControlFailure) {
        _ = try await bytes(
            "PUT",
            Self.path(id, file),
            query: [("offset", String(offset))],
            sending: piece
        )
    }

    /// Has prefd verify what was sent.
    public func verifyBackup(_ id: String) async throws(ControlFailure) -> BackupReport {
        try await call("POST", Self.path(id) + "/verify", within: Self.patience)
    }

    /// Has prefd verify what was sent, and take it for its store at its next start.
    public func restoreBackup(_ id: String) async throws(ControlFailure) -> BackupReport {
        try await call("POST", Self.path(id) + "/restore", within: Self.patience)
    }

    /// Ends a transfer.
    public func dropBackup(_ id: String) async throws(ControlFailure) {
        let _: BackupDropped = try await call("DELETE", Self.path(id))
    }

    /// Takes back a restore that waits for the next start.
    public func cancelRestore() async throws(ControlFailure) -> BackupDropped {
        try await call("DELETE", "/prefd/v1/admin/restore")
    }

    private static func path(_ id: String) -> String { backups + "/" + encoded(id) }

    private static func path(_ id: String, _ file: String) -> String {
        path(id) + "/files/" + encoded(file)
    }
}
