internal import FoundationEssentials
internal import PrefControl
internal import PrefModel
internal import PrefStore

extension AdminAPI {
    /// `GET /prefd/v1/admin/keys`.
    func keyStatus() async throws(APIRefusal) -> APIResponse {
        let report = try await data.fromStore { try await custody.keyReport() }
        return try .json(KeyStatus(report, of: custody, now: Date()))
    }

    /// `POST /prefd/v1/admin/keys/rotate`, of the master key or with `{"user": …}` of one user's.
    func rotateKey(_ call: Call) async throws(APIRefusal) -> APIResponse {
        var rotation = KeyRotation()
        if !call.request.body.isEmpty {
            let body = try BodyObject(body: call.request.body, fields: ["user", "reason"])
            rotation = KeyRotation(
                user: try body.string("user"),
                reason: try reason(in: body)
            )
        }
        do throws(APIRefusal) {
            try await carryOut(rotation, call)
        } catch {
            journal(rotation, call, failed: true)
            throw error
        }
        journal(rotation, call, failed: false)
        return try await keyStatus()
    }

    private func reason(in body: BodyObject) throws(APIRefusal) -> String? {
        guard let reason = try body.string("reason") else { return nil }
        return try Self.checkedReason(reason)
    }

    private func carryOut(_ rotation: KeyRotation, _ call: Call) async throws(APIRefusal) {
        guard let pseudonym = rotation.user else {
            try await enter("key-rotate", call)
            do throws(StoreError) { return try await custody.changeMasterKey() } catch {
                throw APIRefusal(keys: error)
            }
        }
        let users = try await data.fromStore { try await data.store.users() }
        guard users.contains(where: { $0.pseudonym == pseudonym }) else { throw .unknownUser }
        try await enter("user-key-rotate", call, subject: pseudonym)
        let isKnown = try await data.fromStore {
            try await custody.changeDataKey(pseudonym: pseudonym)
        }
        guard isKnown else { throw .unknownUser }
    }

    private func journal(_ rotation: KeyRotation, _ call: Call, failed: Bool) {
        data.journal.admin(
            rotation.user == nil ? "key rotate" : "user key rotate",
            call.request,
            // One that is not known may be anything, and stays out of the journal.
            subject: failed ? nil : rotation.user,
            reason: rotation.reason,
            failed: failed
        )
        guard !failed, rotation.user == nil else { return }
        data.journal.events.record(
            Event(.keyRotated, priority: .notice, message: "The store is under a new master key.")
        )
    }
}

extension APIRefusal {
    /// What a refusal to change the master key means: an admin is told what stands in the way.
    fileprivate init(keys error: StoreError) {
        self =
            switch error {
            case .unavailable, .closed: .storeUnavailable
            default: .conflict(code: "key_not_rotated", error.description, hint: error.hint)
            }
    }
}

extension KeyStatus {
    fileprivate init(_ report: KeyReport, of custody: any Custody, now: Date) {
        let seconds = now.timeIntervalSince(report.masterSince)
        self.init(
            store: custody.kind.rawValue,
            master: Master(
                source: report.source ?? "unknown",
                epoch: report.masterEpoch,
                since: report.masterSince,
                ageDays: max(0, Int(clamping: Int64(seconds / 86_400)))
            ),
            keyring: Keyring(
                generation: report.generation,
                made: report.storeMade,
                erased: report.erased
            ),
            dataKeys: DataKeys(
                users: report.dataKeys.values.reduce(0, +),
                epochs: report.dataKeys.sorted { $0.key < $1.key }.map {
                    Epoch(epoch: $0.key, users: $0.value)
                },
                oldest: report.oldestDataKey,
                newest: report.newestDataKey,
                mostWrites: report.mostWrites
            ),
            algorithms: KeyReport.algorithms,
            auditKey: custody.auditKey
        )
    }
}
