import Foundation
import Glibc
import GRDB
import Postgres
import PrefModel
@testable import PrefStore
import Testing

/// A state directory and a key of its own in a temporary directory, removed when released.
final class TestStore: Sendable {
    let root: String
    var directory: String { root + "/state" }
    var keyPath: String { root + "/master.key" }

    /// What keeps the store.
    let kind: StoreKind
    private let server: String

    init(_ kind: StoreKind = .sqlite) throws {
        self.kind = kind
        server = kind == .postgres ? try Self.newServer() : ""
        // In memory where the system has such a place: hundreds of stores are made and synced.
        let memory = "/dev/shm"
        let base =
            FileManager.default.isWritableFile(atPath: memory)
            ? memory : FileManager.default.temporaryDirectory.path
        root = base + "/prefstore-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: root,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        try Self.write(.random(count: 32), to: keyPath)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// Opens the store; the clock is the real one unless given.
    func open(
        directory other: String? = nil,
        limits: StoreLimits = StoreLimits(),
        clock: TestClock? = nil
    ) async throws -> Store {
        if kind == .postgres {
            return try await open(on: server, directory: other, limits: limits, clock: clock)
        }
        let key = try MasterKey.load(file: keyPath)
        let path = other ?? directory
        guard let clock else {
            return try await Store.open(directory: path, key: key, limits: limits)
        }
        return try await Store.open(directory: path, key: key, limits: limits) { clock.now }
    }

    /// Opens the store that several hosts share, as the host of a directory.
    func open(
        on connection: String,
        directory other: String? = nil,
        limits: StoreLimits = StoreLimits(),
        clock: TestClock? = nil
    ) async throws -> Store {
        let path = other ?? directory
        var patient = limits
        patient.patience = .seconds(120)
        patient.requestPatience = .seconds(120)
        return try await Store.open(
            server: connection,
            directory: path,
            source: .file(path: keyPath, store: path),
            limits: patient
        ) { clock?.now ?? Date() }
    }

    /// Another host of the same store.
    func openElsewhere() async throws -> Store {
        try await open(on: server, directory: root + "/elsewhere")
    }

    /// A connection of the test's own to the tables of this store.
    func connect() throws -> PostgresConnection {
        try PostgresServer(server).connect(name: "test")
    }

    /// A database of its own on the server that the tests are run with.
    private static func newServer() throws -> String {
        let server = try #require(StoreKind.testServer)
        let name = "test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        try PostgresServer(server).connect(name: "test")
            .run("CREATE DATABASE \(name)", within: .seconds(120))
        return server + " dbname=\(name)"
    }

    /// Opens, runs and closes.
    @discardableResult
    func withStore<Value>(_ body: (Store) async throws -> Value) async throws -> Value {
        let store = try await open()
        let value = try await body(store)
        await store.checkpointAndClose()
        return value
    }

    /// Every file of a directory, by name.
    func files(in other: String? = nil) throws -> [String: Data] {
        let path = other ?? directory
        guard FileManager.default.fileExists(atPath: path) else { return [:] }
        var files: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: path) {
            files[name] = try Data(contentsOf: URL(fileURLWithPath: path + "/" + name))
        }
        return files
    }

    /// Puts files into a new directory, as a crash at this moment would leave them.
    func place(_ files: [String: Data], as name: String) throws -> String {
        let path = root + "/" + name
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        for (name, content) in files where name != "prefd.db-shm" {
            try Self.write([UInt8](content), to: path + "/" + name)
        }
        return path
    }

    /// Gives a keyring the commit mark of an earlier copy: what a crash right before the mark of the
    /// last commit was written leaves.
    static func keyring(_ newer: Data?, markedAs older: Data?) -> Data? {
        guard let newer, let older else { return nil }
        return newer.prefix(512) + older[512..<1024] + newer.dropFirst(1024)
    }

    static func write(_ bytes: [UInt8], to path: String, mode: Int = 0o600) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }
}

extension [UInt8] {
    static func random(count: Int) -> [UInt8] { (0..<count).map { _ in .random(in: 0...255) } }
}

/// What only a store in files has.
extension Store {
    var keyring: Keyring { files.keyring }
    var pool: DatabasePool { files.pool }
    var cache: ProfileCache { engine.cache }
    var writes: WriteQueue { files.files }
}

extension StoreKind {
    /// The connection string of a private server: `Tests/Integration/postgres.py COMMAND` makes one.
    static let testServer = ProcessInfo.processInfo.environment["PREFD_TEST_POSTGRES"]

    /// What a test of the store's behaviour runs on.
    static let tested: [StoreKind] = testServer == nil ? [.sqlite] : [.sqlite, .postgres]
}
