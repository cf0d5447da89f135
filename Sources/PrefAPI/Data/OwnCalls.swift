internal import FoundationEssentials
internal import PrefControl
internal import PrefModel
internal import PrefStore

extension DataAPI {
    /// `GET /prefd/v1/me`.
    func identity(_ call: Call) throws(APIRefusal) -> APIResponse {
        try .json(
            Identity(
                principal: call.principal.spelling,
                app: call.request.app,
                access: call.request.isAdmin ? .admin : .user
            )
        )
    }

    /// `DELETE /prefd/v1/me`: everything, now, with a receipt.
    func forget(_ call: Call) async throws(APIRefusal) -> APIResponse {
        let receipt = try await fromStore { try await store.forget(call.principal) }
        history.forget(call.principal)
        journal.done(.userForgotten, "A user had everything about them erased.", call.request)
        return try .json(Erasure(receipt))
    }

    /// `GET /prefd/v1/export`.
    func export(_ call: Call) async throws(APIRefusal) -> APIResponse {
        let stored = try await fromStore { try await store.export(of: call.principal) }
        return try .json(
            ExportDocument(
                exportedAt: Date(),
                principal: call.principal.spelling,
                preferences: try await preferences(of: call.principal).map(entry),
                consents: stored.consents,
                signals: stored.signals,
                learned: stored.signals.isEmpty
                    ? [] : await tastes.preferences(of: call.principal).map { LearnedEntry($0) },
                requests: history.explanations(of: call.principal)
            )
        )
    }

    /// `GET /prefd/v1/requests/{id}`, or `last` for the latest: only ever the caller's own.
    func explanation(id: String, _ call: Call) throws(APIRefusal) -> APIResponse {
        let found =
            id == "last"
            ? history.explanations(of: call.principal).last
            : history.explanation(id: id, of: call.principal)
        guard let explanation = found else { throw .unknownRequest }
        return try .json(explanation)
    }
}
