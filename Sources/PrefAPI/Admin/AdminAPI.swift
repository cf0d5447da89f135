internal import PrefControl
internal import PrefModel
public import PrefStore

/// The calls of the admin socket: everything the data socket has, for the admin's own data, and the
/// calls that run the service.
///
/// Whoever reaches it was authorized when they connected, by the kernel's word.
public struct AdminAPI: Sendable {
    let data: DataAPI
    let rules: any RulesControl
    let service: any ServiceControl
    let metrics: any MetricsSource
    let statistics: PopulationDesk
    let custody: any Custody
    let backups: BackupDesk

    /// Wires the calls to what they need.
    public init(
        data: DataAPI,
        rules: any RulesControl,
        service: any ServiceControl,
        metrics: any MetricsSource,
        statistics: PopulationDesk,
        custody: any Custody,
        backups: BackupDesk
    ) {
        self.data = data
        self.rules = rules
        self.service = service
        self.metrics = metrics
        self.statistics = statistics
        self.custody = custody
        self.backups = backups
    }

    /// Carries out one call.
    ///
    /// Never throws: what goes wrong is an answer too.
    public func respond(to request: APIRequest) async -> APIResponse {
        guard let target = Target(request.target),
            let endpoint = AdminEndpoint(segments: target.segments)
        else { return await data.respond(to: request) }
        do throws(APIRefusal) {
            guard request.isAdmin else { throw .unknownEndpoint }
            guard endpoint.methods.contains(request.method) else {
                throw .methodNotAllowed(endpoint.methods)
            }
            let limit = endpoint.takesFiles ? BackupDesk.pieceBytes : data.limits.bodyBytes
            guard request.body.count <= limit else { throw .tooLarge(limit: limit) }
            return try await carryOut(endpoint, Call(request: request, query: target.query))
        } catch {
            data.journal.refused(error, request)
            return .refusal(error)
        }
    }

    private func carryOut(
        _ endpoint: AdminEndpoint,
        _ call: Call
    ) async throws(APIRefusal) -> APIResponse {
        if case .user(let pseudonym) = endpoint { return try await user(pseudonym, call) }
        if case .backupFile(let id, let name) = endpoint {
            return try await backupFile(id, name, call)
        }
        if case .audit = endpoint { return try await verifyAudit(call) }
        try call.refuseQuery()
        switch endpoint {
        case .status: return try .json(await service.status())
        case .metrics:
            let text = PrometheusText.render(await metrics.metrics())
            return APIResponse(
                status: 200,
                contentType: PrometheusText.contentType,
                body: Array(text.utf8)
            )
        case .population: return try await population(call)
        case .effects: return try await pooledEffects(call)
        case .users: return try await listUsers(call)
        case .rules: return try .json(await rules.list())
        case .lintRules: return try .json(await rules.lint(directory: try directory(call)))
        case .testRules: return try .json(await rules.test(directory: try directory(call)))
        case .tryRules: return try await tryRules(call)
        case .checkConfig: return try await checkConfig(call)
        case .reloadRules: return try reloaded(await rules.reload(), "rules reload", call)
        case .reload: return try reloaded(await service.reload(), "reload", call)
        case .logLevel: return try await logLevel(call)
        case .doctor: return try .json(await service.inspect())
        case .keys: return try await keyStatus()
        case .rotateKey: return try await rotateKey(call)
        case .backups: return try await makeBackup(call)
        case .backupUploads: return try await receiveBackup(call)
        case .backup(let id): return try await dropBackup(id, call)
        case .verifyBackup(let id): return try await verifyBackup(id, call)
        case .restoreBackup(let id): return try await restoreBackup(id, call)
        case .stagedRestore: return try await cancelRestore(call)
        case .receipt: return try await verifyReceipt(call)
        case .user, .audit, .backupFile: throw .unknownEndpoint
        }
    }

    private func reloaded(
        _ report: ReloadReport,
        _ action: String,
        _ call: Call
    ) throws(APIRefusal) -> APIResponse {
        data.journal.admin(action, call.request, failed: !report.ok)
        return try .json(report)
    }

    private func logLevel(_ call: Call) async throws(APIRefusal) -> APIResponse {
        if call.request.method == "PUT" {
            let body = try BodyObject(body: call.request.body, fields: ["level"])
            let levels = LogLevel.allCases.map(\.rawValue)
            guard let level = LogLevel(rawValue: try body.requiredString("level")) else {
                throw .badValue(
                    "level is no log level.",
                    hint: "Choose one of: \(levels.joined(separator: ", ")).",
                    allowed: levels
                )
            }
            await service.setLogLevel(level)
            data.journal.admin("log level \(level.rawValue)", call.request)
        }
        return try .json(LogLevelSetting(level: await service.logLevel()))
    }

    private func directory(_ call: Call) throws(APIRefusal) -> String? {
        if call.request.body.isEmpty { return nil }
        let body = try BodyObject(body: call.request.body, fields: ["directory"])
        return try path(body, "directory")
    }

    private func path(_ body: BodyObject, _ name: String) throws(APIRefusal) -> String? {
        guard let path = try body.string(name) else { return nil }
        guard path.hasPrefix("/"), !path.unicodeScalars.contains("\u{0}") else {
            throw .badValue(
                "\(name) is not an absolute path.",
                hint: "Send a path that begins with /."
            )
        }
        return path
    }

    private func checkConfig(_ call: Call) async throws(APIRefusal) -> APIResponse {
        var file: String?
        if !call.request.body.isEmpty {
            file = try path(BodyObject(body: call.request.body, fields: ["file"]), "file")
        }
        return try .json(await service.checkConfig(file: file))
    }

    private func tryRules(_ call: Call) async throws(APIRefusal) -> APIResponse {
        let body = try BodyObject(
            body: call.request.body,
            fields: ["text", "surface", "directory"]
        )
        let text = try body.requiredString("text")
        let surface = try body.string("surface")
        let surfaces = ["output", "reasoning", "tool_args"]
        guard surface.map(surfaces.contains) ?? true else {
            throw .badValue(
                "surface is not one that rules look at.",
                hint: "Choose one of: \(surfaces.joined(separator: ", ")).",
                allowed: surfaces
            )
        }
        let trial = RuleTrial(text: text, surface: surface, directory: try path(body, "directory"))
        return try .json(try await report(trial))
    }

    private func report(_ trial: RuleTrial) async throws(APIRefusal) -> RuleTrialReport {
        do {
            return try await rules.tryOut(trial)
        } catch {
            throw .badRules(error.problems)
        }
    }
}
