internal import PrefControl
internal import PrefModel

/// Users for admins: pseudonyms, never names.
enum UserViews {
    /// The users.
    static func list(_ list: UserList, _ style: Style) -> String {
        if list.users.isEmpty { return "prefd holds nothing on anyone." }
        var table = TextTable([
            "PSEUDONYM", "PREFERENCES", "SIGNALS", "FIRST SEEN", "LAST WRITE", "CONSENTS",
        ])
        for user in list.users {
            table.add([
                user.pseudonym, String(user.preferences), String(user.signals),
                Words.day(user.firstSeen), Words.day(user.lastWrite),
                user.consents.map(\.description).joined(separator: ", "),
            ])
        }
        return table.rendered(style)
    }

    /// One user.
    static func record(_ record: UserRecord, _ style: Style) -> String {
        var preferences = TextTable(["DIMENSION", "VALUE", "SOURCE", "HOLDS"])
        for entry in record.preferences {
            preferences.add([
                entry.dimension.rawValue, entry.value, entry.source.rawValue,
                Words.context(entry.context),
            ])
        }
        var consents = TextTable(["SCOPE", "GIVEN", "WITHDRAWN"])
        for consent in record.consents {
            consents.add([
                consent.scope.description, Words.day(consent.givenAt),
                consent.withdrawnAt.map(Words.day) ?? "-",
            ])
        }
        return [
            style.bold("User \(SafeText.line(record.pseudonym))"), preferences.rendered(style),
            consents.rendered(style), "signals: \(Words.signals(record.signals))",
        ].joined(separator: "\n")
    }

    /// What was erased.
    static func erasure(_ erasure: Erasure, _ style: Style) -> String {
        let erased = erasure.erased
        return SafeText.lines(
            "Erased: \(Words.count(erased.preferences, "preference")), "
                + "\(Words.count(erased.consents, "consent record")), "
                + "\(Words.count(erased.signals, "signal")).\n"
                + "Receipt \(erasure.id) of \(Words.time(erasure.at)), for \(erasure.pseudonym)\n"
                + "seal \(erasure.seal)"
        )
    }
}
