internal import PrefControl
internal import PrefModel

extension DataAPI {
    /// `GET /prefd/v1/consent`.
    func listConsents(_ call: Call) async throws(APIRefusal) -> APIResponse {
        let latest = try await latestConsents(of: call.principal)
        let shares = latest.keys.filter { !ConsentScope.standard.contains($0) }
            .sorted { $0.description < $1.description }
        let states = (ConsentScope.standard + shares).map {
            ConsentState(scope: $0, record: latest[$0])
        }
        return try .json(ConsentList(consents: states))
    }

    /// `GET /prefd/v1/consent/{scope}`.
    func showConsent(_ name: String, _ call: Call) async throws(APIRefusal) -> APIResponse {
        let scope = try self.scope(name)
        let latest = try await latestConsents(of: call.principal)
        return try .json(ConsentState(scope: scope, record: latest[scope]))
    }

    /// `PUT /prefd/v1/consent/{scope}` with `{"granted": …, "retention": …}`.
    func decideConsent(_ name: String, _ call: Call) async throws(APIRefusal) -> APIResponse {
        let scope = try self.scope(name)
        let body = try BodyObject(body: call.request.body, fields: ["granted", "retention"])
        let decision = try self.decision(body, on: scope)
        return try .json(try await carryOut(decision, call))
    }

    /// `PUT /prefd/v1/consent` with `{"consents": [{"scope", "granted", "retention"}]}`.
    ///
    /// All are checked before the first is carried out; each is then a transaction of its own.
    func decideConsents(_ call: Call) async throws(APIRefusal) -> APIResponse {
        let body = try BodyObject(body: call.request.body, fields: ["consents"])
        guard let elements = try body.array("consents"), !elements.isEmpty else {
            throw body.missing("consents", wanted: "a list of {scope, granted, retention}")
        }
        var decisions: [Decision] = []
        for (index, element) in elements.enumerated() {
            let object = try BodyObject(
                element,
                path: "consents[\(index)]",
                fields: ["scope", "granted", "retention"]
            )
            let scope = try self.scope(try object.requiredString("scope"))
            guard !decisions.contains(where: { $0.scope == scope }) else {
                throw .conflict(
                    code: "conflicting_consents",
                    "consents[\(index)] decides what an earlier entry decides already.",
                    hint: "Send each scope once."
                )
            }
            decisions.append(try decision(object, on: scope))
        }
        var changes: [ConsentChange] = []
        for decision in decisions { changes.append(try await carryOut(decision, call)) }
        return try .json(ConsentChanges(consents: changes))
    }

    /// `DELETE /prefd/v1/consent/{scope}`: what the scope had gathered goes with it.
    func withdrawConsent(_ name: String, _ call: Call) async throws(APIRefusal) -> APIResponse {
        let decision = Decision(scope: try scope(name), granted: false, retentionSeconds: nil)
        return try .json(try await carryOut(decision, call))
    }

    /// `DELETE /prefd/v1/consent`: every scope that stands is withdrawn.
    func withdrawConsents(_ call: Call) async throws(APIRefusal) -> APIResponse {
        let latest = try await latestConsents(of: call.principal)
        let standing = latest.values.filter { $0.withdrawnAt == nil }.map(\.scope)
            .sorted { $0.description < $1.description }
        var changes: [ConsentChange] = []
        for scope in standing {
            let decision = Decision(scope: scope, granted: false, retentionSeconds: nil)
            changes.append(try await carryOut(decision, call))
        }
        return try .json(ConsentChanges(consents: changes))
    }

    private struct Decision {
        let scope: ConsentScope
        let granted: Bool
        let retentionSeconds: Int64?
    }

    private func scope(_ name: String) throws(APIRefusal) -> ConsentScope {
        let isPlain = name.unicodeScalars.allSatisfy { $0.value > 0x1F && $0.value != 0x7F }
        if isPlain, let scope = ConsentScope(name: name) { return scope }
        throw .unknownScope(
            nearest: Nearest.of(name, among: ConsentScope.standard.map(\.description))
        )
    }

    private func decision(
        _ object: BodyObject,
        on scope: ConsentScope
    ) throws(APIRefusal) -> Decision {
        let granted = try object.requiredBool("granted")
        guard let text = try object.string("retention") else {
            return Decision(
                scope: scope,
                granted: granted,
                retentionSeconds: granted ? defaultRetention(scope) : nil
            )
        }
        guard granted, let seconds = Retention.seconds(text) else {
            throw .badValue(
                granted
                    ? "\(object.place("retention")) is not a duration."
                    : "\(object.place("retention")) goes with a grant only.",
                hint: granted ? "Send \(Retention.syntax)." : "Leave it out."
            )
        }
        // To record one and not to keep to it would be a lie.
        guard defaultRetention(scope) != nil else {
            throw .badValue(
                "`\(scope)` has no retention: what is kept under it stays until it is removed or the "
                    + "consent is withdrawn.",
                hint:
                    "Leave `retention` out; it goes with `signals.explicit`, `signals.implicit` and "
                    + "`content`."
            )
        }
        return Decision(scope: scope, granted: true, retentionSeconds: seconds)
    }

    private func defaultRetention(_ scope: ConsentScope) -> Int64? {
        switch scope {
        case .signalsExplicit, .signalsImplicit: limits.signalRetentionSeconds
        case .content: limits.contentRetentionSeconds
        default: nil
        }
    }

    private func carryOut(
        _ decision: Decision,
        _ call: Call
    ) async throws(APIRefusal) -> ConsentChange {
        let scope = decision.scope
        let field = ["PREFD_SCOPE": scope.journalName]
        if decision.granted {
            let receipt = try await fromStore {
                try await store.grant(
                    scope,
                    of: call.principal,
                    method: call.request.consentMethod,
                    retentionSeconds: decision.retentionSeconds
                )
            }
            journal.done(.consentGranted, "Consent was given.", call.request, more: field)
            return ConsentChange(scope: scope, granted: true, receipt: receipt)
        }
        let receipt = try await fromStore { try await store.withdraw(scope, of: call.principal) }
        if scope.gathersSignals { history.forgetAnswers(of: call.principal) }
        if receipt != nil {
            journal.done(.consentWithdrawn, "Consent was withdrawn.", call.request, more: field)
        }
        return ConsentChange(scope: scope, granted: false, receipt: receipt)
    }

    /// The latest record of each scope that was ever decided on.
    private func latestConsents(
        of principal: Principal
    ) async throws(APIRefusal) -> [ConsentScope: ConsentRecord] {
        let records = try await fromStore { try await store.consents(of: principal) }
        return Dictionary(records.map { ($0.scope, $0) }) { first, second in
            if (first.withdrawnAt == nil) != (second.withdrawnAt == nil) {
                return first.withdrawnAt == nil ? first : second
            }
            return first.givenAt > second.givenAt ? first : second
        }
    }
}
