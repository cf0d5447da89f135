internal import PrefControl

/// Backups.
enum BackupViews {
    /// What was done, with which backup.
    static func outcome(_ what: String, _ outcome: BackupOutcome, _ style: Style) -> String {
        let backup = outcome.backup
        return style.bold("\(what): \(SafeText.line(outcome.path))") + "\n"
            + "of \(Words.time(backup.createdAt)), schema \(backup.schema), \(backup.bytes) bytes: "
            + "\(Words.count(backup.users, "user")), "
            + "\(Words.count(backup.preferences, "preference")), "
            + "\(Words.count(backup.consents, "consent record")), "
            + "\(Words.count(backup.signals, "signal"))"
    }
}
