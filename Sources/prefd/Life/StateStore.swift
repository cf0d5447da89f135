import Foundation
import Glibc
import PrefConfig
import PrefModel
import PrefStore

/// Opens the store that a configuration names, under its key.
enum StateStore {
    /// - Throws: ``StartFailure/store(_:)``; then nothing was touched.
    static func open(
        _ configuration: Configuration,
        environment: [String: String],
        events: any EventSink
    ) async throws(StartFailure) -> Store {
        let source = source(configuration, environment)
        let limits = StoreLimits(
            auditBytes: configuration.audit.fileBytes,
            auditFiles: configuration.audit.files
        )
        let onCheckpoint: @Sendable (AuditHead) -> Void = { events.record(checkpoint($0)) }
        guard case .postgres(let connection) = configuration.store else {
            do throws(StoreError) {
                return try await Store.open(
                    directory: configuration.state,
                    source: source,
                    limits: limits,
                    onCheckpoint: onCheckpoint
                )
            } catch {
                throw .store(error)
            }
        }
        let secret: Secret
        do throws(SecretError) {
            secret = try Secret(from: connection, environment: environment)
        } catch {
            throw .secret("store.connection: \(error)")
        }
        do throws(StoreError) {
            return try await Store.open(
                server: secret.text,
                directory: configuration.state,
                source: source,
                limits: limits,
                onCheckpoint: onCheckpoint
            )
        } catch {
            throw .store(error)
        }
    }

    /// Tells the journal what opening the store came to.
    static func announce(_ store: Store, to events: any EventSink) {
        if let damage = store.auditDamage {
            events.record(
                Event(
                    .auditBroken,
                    priority: .error,
                    message:
                        "The audit log is not the one that was written: \(damage). It was put aside."
                )
            )
        }
        guard store.changedMasterKey else { return }
        events.record(
            Event(
                .keyRotated,
                priority: .notice,
                message:
                    "The store was under the previous master key; it is under the present one now."
            )
        )
    }

    /// Carries out a restore that an admin has asked for; nil where none waits.
    ///
    /// - Throws: ``StartFailure``; then the store was not touched.
    static func finishRestore(
        _ configuration: Configuration,
        environment: [String: String]
    ) async throws(StartFailure) -> RestoredBackup? {
        guard configuration.store == .sqlite else { return nil }
        do throws(BackupError) {
            return try await Store.finishRestore(
                directory: configuration.state,
                source: source(configuration, environment)
            )
        } catch {
            throw .restore(error, state: configuration.state)
        }
    }

    private static func checkpoint(_ head: AuditHead) -> Event {
        Event(
            .auditCheckpoint,
            message: "The audit log is signed up to entry \(head.sequence).",
            more: ["PREFD_CHECKPOINT": "\(head.sequence):\(head.hash)"]
        )
    }

    private static func source(
        _ configuration: Configuration,
        _ environment: [String: String]
    ) -> MasterKeySource {
        switch configuration.key {
        case .credential(let name):
            // Without a directory of credentials the key is missing, and the error says where it was sought.
            let directory = environment["CREDENTIALS_DIRECTORY"] ?? "$CREDENTIALS_DIRECTORY"
            return .credential(name: name, directory: directory)
        case .file(let path): return .file(path: path, store: configuration.state)
        }
    }
}
