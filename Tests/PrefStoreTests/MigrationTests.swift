import Foundation
import GRDB
import PrefModel
import Testing

@testable import PrefStore

/// Opens stores of every schema that was released.
///
/// `Fixtures/schema-N` is a store as the first prefd with schema N left it: its files, a key that is for
/// nothing else, and what must be read from it. They are made once, by running these tests with
/// `PREFD_MAKE_FIXTURES=1` before the schema is released, and never changed.
@Suite("Databases of earlier versions")
struct MigrationTests {
    /// What a fixture must give.
    private struct Expected: Codable, Equatable {
        let users: [StoredData]
    }

    private static let clock = TestClock(Date(timeIntervalSince1970: 1_790_000_000))
    private static let carol = Principal.user(uid: 1002)

    private static var fixtures: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures")
    }

    private static func folder(_ schema: Int) -> URL {
        fixtures.appendingPathComponent("schema-\(schema)")
    }

    /// A copy of a fixture in a directory of its own.
    private static func copy(_ schema: Int) throws -> TestStore {
        let test = try TestStore()
        var files: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder(schema).path) {
            files[name] = try Data(contentsOf: folder(schema).appendingPathComponent(name))
        }
        files["expected.json"] = nil
        let key = try #require(files["test.key"])
        files["test.key"] = nil
        try TestStore.write([UInt8](key), to: test.keyPath)
        _ = try test.place(files, as: "state")
        return test
    }

    @Test("there is a fixture of the present schema, or it is made where that is asked for")
    func make() async throws {
        let folder = Self.folder(Schema.version)
        guard !FileManager.default.fileExists(atPath: folder.path) else { return }
        try #require(
            ProcessInfo.processInfo.environment["PREFD_MAKE_FIXTURES"] == "1",
            "There is none of schema \(Schema.version): run this test with PREFD_MAKE_FIXTURES=1."
        )
        let test = try TestStore()
        let store = try await test.open(clock: Self.clock)
        for user in [alice, bob, Self.carol] {
            _ = try await store.set("tone", "casual", of: user)
            _ = try await store.set("note", "ends with a full stop.", of: user)
            try await store.grant(.signalsExplicit, of: user, method: .api)
            try await store.grant(
                .content,
                of: user,
                method: .prefctl,
                retentionSeconds: 3_000_000_000
            )
            try await store.record(signal(excerpts: ["answer": "a text"]), of: user)
            try await store.record(signal(.edit), of: user)
        }
        try await store.withdraw(.preferences, of: bob)
        try await store.forget(Self.carol)
        let expected = Expected(
            users: [try await store.export(of: alice), try await store.export(of: bob)]
        )
        await store.checkpointAndClose()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, content) in try test.files() {
            try content.write(to: folder.appendingPathComponent(name))
        }
        try Data(contentsOf: URL(fileURLWithPath: test.keyPath))
            .write(to: folder.appendingPathComponent("test.key"))
        try PrefJSON.encode(expected, pretty: true)
            .write(to: folder.appendingPathComponent("expected.json"))
    }

    @Test("are there for every schema that was released", arguments: 1...Schema.version)
    func complete(schema: Int) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder(schema).path)
        #expect(
            Set(["keyring", "prefd.db", "erasures", "test.key", "expected.json"]).isSubset(
                of: names
            )
        )
        let database = try DatabaseQueue(
            path: "file:" + Self.folder(schema).appendingPathComponent("prefd.db").path
                + "?immutable=1",
            configuration: Self.readOnly
        )
        #expect(try database.read { db in try Schema.version(of: db) } == schema)
    }

    private static var readOnly: Configuration {
        var configuration = Configuration()
        configuration.readonly = true
        return configuration
    }

    @Test("are brought to the newest, with all that was in them", arguments: 1...Schema.version)
    func forward(schema: Int) async throws {
        let test = try Self.copy(schema)
        let expected = try PrefJSON.decode(
            Expected.self,
            from: Data(contentsOf: Self.folder(schema).appendingPathComponent("expected.json"))
        )
        for round in 0..<2 {
            let store = try await test.open()
            #expect(await store.health().schemaVersion == Schema.version)
            #expect(try await store.export(of: alice) == expected.users[0], "round \(round)")
            #expect(try await store.export(of: bob) == expected.users[1], "round \(round)")
            #expect(try await store.export(of: Self.carol) == .none)
            await store.checkpointAndClose()
        }
        let store = try await test.open()
        _ = try await store.set("tone", "formal", of: alice)
        try await store.withdraw(.signalsExplicit, of: alice)
        let whole = try await store.pool.read { db in
            try String.fetchOne(db, sql: "PRAGMA integrity_check")
        }
        #expect(whole == "ok")
        await store.checkpointAndClose()
        let tone = try await test.withStore { try await $0.value("tone", of: alice) }
        #expect(tone == "formal")
    }

    @Test("keep their version and their content where a step fails")
    func failing() throws {
        let test = try Self.copy(1)
        let database = try DatabaseQueue(path: test.directory + "/prefd.db")
        let before = try database.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM users")
        }
        let steps =
            Schema.migrations + ["ALTER TABLE users ADD COLUMN more INTEGER; SELECT nothing"]
        #expect(throws: DatabaseError.self) {
            try database.writeWithoutTransaction { db in try Schema.migrate(db, through: steps) }
        }
        let kept = try database.read { db in
            (try Schema.version(of: db), try Row.fetchAll(db, sql: "SELECT * FROM users"))
        }
        #expect(kept.0 == 1 && kept.1 == before)
        let good =
            Schema.migrations + ["ALTER TABLE users ADD COLUMN more INTEGER", "CREATE TABLE x (y)"]
        try database.writeWithoutTransaction { db in try Schema.migrate(db, through: good) }
        let new = try database.read { db in
            (
                try Schema.version(of: db),
                try Int.fetchOne(db, sql: "SELECT count(*) FROM users WHERE more IS NULL")
            )
        }
        #expect(new.0 == Schema.migrations.count + 2 && new.1 == 2)
    }
}
