import Foundation
import Glibc
import PrefConfig
import PrefStore

/// Opens the store that a configuration names, under its key.
enum StateStore {
    /// - Throws: ``StartFailure/store(_:)``; then nothing was touched.
    static func open(
        _ configuration: Configuration,
        environment: [String: String]
    ) async throws(StartFailure) -> Store {
        do throws(StoreError) {
            return try await Store.open(
                directory: configuration.state,
                key: try key(configuration, environment)
            )
        } catch {
            throw .store(error)
        }
    }

    private static func key(
        _ configuration: Configuration,
        _ environment: [String: String]
    ) throws(StoreError) -> MasterKey {
        switch configuration.key {
        case .credential(let name):
            // Without a directory of credentials the key is missing, and the error says where it was sought.
            let directory = environment["CREDENTIALS_DIRECTORY"] ?? "$CREDENTIALS_DIRECTORY"
            return try MasterKey.load(credential: name, directory: directory)
        case .file(let path):
            return try MasterKey.loadOrCreate(file: path, store: configuration.state)
        }
    }
}
