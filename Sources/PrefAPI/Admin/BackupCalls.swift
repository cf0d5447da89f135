internal import PrefControl
internal import PrefStore

extension AdminAPI {
    /// `POST /prefd/v1/admin/backups`: a copy of the store as it is now.
    func makeBackup(_ call: Call) async throws(APIRefusal) -> APIResponse {
        let (id, manifest) = try await journaled("backup create", call) {
            try await backups.create()
        }
        return try .json(
            BackupOffer(
                id: id,
                createdAt: manifest.createdAt,
                files: manifest.parts.map { .init(name: $0.name.rawValue, bytes: $0.bytes) }
            )
        )
    }

    /// `POST /prefd/v1/admin/backups/uploads`: a place to send a backup to.
    func receiveBackup(_ call: Call) async throws(APIRefusal) -> APIResponse {
        try .json(BackupUpload(id: try await fromDesk { try await backups.receive() }))
    }

    /// `GET` and `PUT /prefd/v1/admin/backups/{id}/files/{name}?offset=…`: a piece of a file.
    func backupFile(_ id: String, _ name: String, _ call: Call) async throws(APIRefusal)
        -> APIResponse
    {
        guard call.query.count == 1, let query = call.query.first, query.name == "offset",
            let offset = Int(query.value), offset >= 0
        else {
            throw .malformed("This call needs a place in the file.", hint: "Add ?offset=0.")
        }
        guard let part = BackupPart(rawValue: name) else { throw APIRefusal(BackupError.notAPart) }
        var answer: [UInt8] = []
        if call.request.method == "PUT" {
            let piece = call.request.body
            try await fromDesk { try await backups.write(piece, to: part, of: id, at: offset) }
        } else {
            answer = try await fromDesk { try await backups.read(part, of: id, at: offset) }
        }
        return APIResponse(status: 200, contentType: "application/octet-stream", body: answer)
    }

    /// `POST /prefd/v1/admin/backups/{id}/verify`.
    func verifyBackup(_ id: String, _ call: Call) async throws(APIRefusal) -> APIResponse {
        let summary = try await journaled("backup verify", call) { try await backups.verify(id) }
        return try .json(BackupReport(summary))
    }

    /// `POST /prefd/v1/admin/backups/{id}/restore`: verified now, restored at the next start.
    func restoreBackup(_ id: String, _ call: Call) async throws(APIRefusal) -> APIResponse {
        let summary = try await journaled("backup restore", call) { try await backups.stage(id) }
        return try .json(BackupReport(summary))
    }

    /// `DELETE /prefd/v1/admin/restore`.
    func cancelRestore(_ call: Call) async throws(APIRefusal) -> APIResponse {
        let dropped = try await journaled("backup restore cancel", call) {
            try await backups.cancelRestore()
        }
        return try .json(BackupDropped(dropped: dropped))
    }

    /// `DELETE /prefd/v1/admin/backups/{id}`.
    func dropBackup(_ id: String, _ call: Call) async throws(APIRefusal) -> APIResponse {
        try await fromDesk { try await backups.discard(id) }
        return try .json(BackupDropped(dropped: true))
    }

    /// Journals what was asked for, and whether it was done.
    private func journaled<Value>(
        _ action: String,
        _ call: Call,
        _ ask: () async throws -> Value
    ) async throws(APIRefusal) -> Value {
        do throws(APIRefusal) {
            try await enter(action.split(separator: " ").joined(separator: "-"), call)
            let value = try await fromDesk(ask)
            data.journal.admin(action, call.request)
            return value
        } catch {
            data.journal.admin(action, call.request, failed: true)
            throw error
        }
    }

    private func fromDesk<Value>(
        _ ask: () async throws -> Value
    ) async throws(APIRefusal) -> Value {
        do {
            return try await ask()
        } catch let error as BackupError {
            throw APIRefusal(error)
        } catch {
            throw .internalFailure
        }
    }
}

extension APIRefusal {
    /// What a refusal of the backup desk's means for a call.
    fileprivate init(_ error: BackupError) {
        let code =
            switch error {
            case .missing, .incomplete, .damaged: "backup_damaged"
            case .otherKey: "backup_of_another_key"
            case .newer: "backup_newer"
            case .unknownTransfer, .notAPart: "unknown_backup"
            case .busy: "backup_running"
            case .onServer: "backup_on_server"
            case .failed, .store: "backup_failed"
            }
        self = .conflict(code: code, error.description, hint: error.hint)
    }
}

extension BackupReport {
    fileprivate init(_ summary: BackupSummary) {
        self.init(
            createdAt: summary.createdAt,
            schema: summary.schema,
            bytes: summary.bytes,
            users: summary.users,
            preferences: summary.preferences,
            consents: summary.consents,
            signals: summary.signals
        )
    }
}
