internal import PrefControl

/// The store's keys, for admins.
enum KeyViews {
    /// Ages and counts.
    static func status(_ status: KeyStatus, _ style: Style) -> String {
        let (master, data) = (status.master, status.dataKeys)
        var table = TextTable(["KEY", "STATE"])
        table.add([
            "store",
            status.store == "postgres"
                ? "on a PostgreSQL server, shared by hosts" : "in files of this host",
        ])
        table.add([
            "master key",
            "number \(master.epoch), from a \(master.source), since \(Words.day(master.since)) "
                + "(\(Words.count(master.ageDays, "day")))",
        ])
        table.add([
            "keyring",
            "rewritten \(Words.count(status.keyring.generation - 1, "time")), made "
                + "\(Words.day(status.keyring.made)), \(status.keyring.erased) erased",
        ])
        table.add(["data keys", dataKeys(data)])
        for (name, words) in status.algorithms.sorted(by: { $0.key < $1.key }) {
            table.add([name, words])
        }
        table.add(["audit log", "checkpoints are signed under \(status.auditKey)"])
        return table.rendered(style)
    }

    private static func dataKeys(_ keys: KeyStatus.DataKeys) -> String {
        guard let oldest = keys.oldest, let newest = keys.newest else { return "none" }
        let rotated = keys.epochs.filter { $0.epoch > 1 }.reduce(0) { $0 + $1.users }
        return
            "\(keys.users), made \(Words.day(oldest)) to \(Words.day(newest)), \(rotated) rotated; "
            + "at most \(Words.count(keys.mostWrites, "write")) of one user"
    }
}
