internal import PrefControl
internal import PrefModel

/// Consents for people.
enum ConsentViews {
    /// Every scope and whether it is granted.
    static func list(_ list: ConsentList, _ style: Style) -> String {
        var table = TextTable(["SCOPE", "GRANTED", "SINCE", "KEPT", "WHAT FOR"])
        for state in list.consents {
            let record = state.granted ? state.record : nil
            table.add([
                state.scope.description, Words.yes(state.granted),
                record.map { Words.day($0.givenAt) } ?? "-",
                record.map { Words.retention($0.retentionSeconds) } ?? "-", state.purpose,
            ])
        }
        return table.rendered(style)
    }

    /// What changed.
    static func changes(_ changes: ConsentChanges, _ style: Style) -> String {
        changes.consents.map(change).joined(separator: "\n")
    }

    private static func change(_ change: ConsentChange) -> String {
        guard let receipt = change.receipt else {
            return SafeText.line("\(change.scope) was not granted; nothing changed.")
        }
        let erased = change.granted ? "" : " What it had gathered is erased."
        return Words.receipt(receipt) + erased
    }
}
