internal import FoundationEssentials
internal import PrefControl
internal import PrefModel
internal import PrefStore

extension AdminAPI {
    /// `GET /prefd/v1/admin/users`.
    func listUsers(_ call: Call) async throws(APIRefusal) -> APIResponse {
        let users = try await data.fromStore { try await data.store.users() }
        data.journal.admin("users list", call.request)
        return try .json(
            UserList(users: users.map(UserEntry.init).sorted { $0.pseudonym < $1.pseudonym })
        )
    }

    /// `GET` and `DELETE /prefd/v1/admin/users/{pseudonym}?reason=…`.
    ///
    /// The journal has the reason before anything is shown or erased.
    func user(_ pseudonym: String, _ call: Call) async throws(APIRefusal) -> APIResponse {
        let reason = try reason(call)
        let forgets = call.request.method == "DELETE"
        let users = try await data.fromStore { try await data.store.users() }
        guard users.contains(where: { $0.pseudonym == pseudonym }) else { throw .unknownUser }
        try await enter(forgets ? "user-forget" : "user-show", call, subject: pseudonym)
        data.journal.admin(
            forgets ? "user forget" : "user show",
            call.request,
            subject: pseudonym,
            reason: reason
        )
        return forgets ? try await forget(pseudonym) : try await show(pseudonym)
    }

    private func show(_ pseudonym: String) async throws(APIRefusal) -> APIResponse {
        let stored = try await data.fromStore {
            try await data.store.export(pseudonym: pseudonym)
        }
        guard let stored else { throw .unknownUser }
        return try .json(
            UserRecord(
                pseudonym: pseudonym,
                preferences: stored.preferences.map {
                    PreferenceEntry(forAdmin: $0, vocabulary: data.vocabulary)
                },
                consents: stored.consents.map(UserConsent.init),
                signals: SignalCount.counting(stored.signals)
            )
        )
    }

    private func forget(_ pseudonym: String) async throws(APIRefusal) -> APIResponse {
        let stored = try await data.fromStore {
            try await data.store.export(pseudonym: pseudonym)
        }
        let receipt = try await data.fromStore {
            try await data.store.forget(pseudonym: pseudonym)
        }
        guard let receipt else { throw .unknownUser }
        if let principal = stored?.principal.flatMap(Principal.init(spelling:)) {
            data.history.forget(principal)
        }
        data.journal.events.record(
            Event(
                .userForgotten,
                priority: .notice,
                message: "An admin had everything about a user erased.",
                pseudonym: pseudonym
            )
        )
        return try .json(Erasure(receipt))
    }

    private func reason(_ call: Call) throws(APIRefusal) -> String {
        for (name, _) in call.query where name != "reason" {
            throw .malformed(
                "The query has a name that this call does not take.",
                hint: "It takes reason."
            )
        }
        guard call.query.count == 1, let reason = call.query.first?.value else {
            throw .reasonRequired
        }
        return try Self.checkedReason(reason)
    }

    /// A reason as the journal takes it: one line of 3 to 200 characters.
    static func checkedReason(_ reason: String) throws(APIRefusal) -> String {
        let isPlain = reason.unicodeScalars.allSatisfy { $0.value > 0x1F && $0.value != 0x7F }
        let words = reason.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard isPlain, (3...200).contains(words.count) else { throw .reasonRequired }
        return words
    }
}
