import Foundation
import PrefModel

@testable import PrefStore

/// A store with a desk, and folders to keep backups in.
struct BackupSetting {
    let test: TestStore
    let store: Store
    let desk: BackupDesk

    init(_ test: TestStore, limits: StoreLimits = StoreLimits()) async throws {
        self.test = test
        store = try await Store.open(
            directory: test.directory,
            source: test.source,
            limits: limits
        )
        desk = BackupDesk(store: store)
    }

    /// Makes a backup and takes its files out of the state directory.
    func backup() async throws -> [BackupPart: [UInt8]] {
        let (id, manifest) = try await desk.create()
        var files: [BackupPart: [UInt8]] = [:]
        for part in [BackupPart.manifest] + manifest.parts.map(\.name) {
            files[part] = try await desk.read(part, of: id, at: 0)
        }
        try await desk.discard(id)
        return files
    }

    func send(_ files: [BackupPart: [UInt8]]) async throws -> String {
        let id = try await desk.receive()
        for (part, bytes) in files {
            let half = bytes.count / 2
            try await desk.write(Array(bytes[half...]), to: part, of: id, at: half)
            try await desk.write(Array(bytes[..<half]), to: part, of: id, at: 0)
        }
        return id
    }

    /// Closes the store, and opens it as prefd does at its start.
    func restart() async throws -> (Store, RestoredBackup?) {
        await store.checkpointAndClose()
        let restored = try await test.finishRestore()
        return (try await test.open(), restored)
    }
}

extension Store {
    /// Keeps a preference, two consents, and three signals with excerpts.
    func fill(_ user: Principal) async throws {
        _ = try await set("tone", "casual", of: user)
        try await grant(.signalsExplicit, of: user, method: .api)
        try await grant(.content, of: user, method: .api)
        for _ in 0..<3 {
            try await record(signal(excerpts: ["answer": "some text"]), of: user)
        }
    }
}

extension TestStore {
    /// The key's file, as prefd has it from its configuration.
    var source: MasterKeySource { .file(path: keyPath, store: directory) }

    /// Does what prefd does before it opens its store.
    func finishRestore(in path: String? = nil) async throws -> RestoredBackup? {
        try await Store.finishRestore(directory: path ?? directory, source: source)
    }

    /// The names in the state directory.
    func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }
}
