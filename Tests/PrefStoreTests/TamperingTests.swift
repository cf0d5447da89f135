import Foundation
import GRDB
import PrefModel
import TestSupport
import Testing

@testable import PrefStore

@Suite("Someone with the disk in hand")
struct TamperingTests {
    /// A closed store whose two users have one record of each kind.
    private func closedStore() async throws -> TestStore {
        let test = try TestStore()
        try await test.withStore { store in
            for user in [alice, bob] {
                try await store.set("tone", "casual", of: user)
                try await store.grant(.signalsExplicit, of: user, method: .api)
                try await store.grant(.content, of: user, method: .api)
                try await store.record(signal(excerpts: ["answer": "text"]), of: user)
            }
        }
        return test
    }

    private func edit(_ path: String, _ sql: String) async throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: path + "/prefd.db", configuration: configuration)
        try await queue.write { db in try db.execute(sql: sql) }
        try queue.close()
    }

    /// Whether every user who can be read is read rightly, and how many cannot.
    private func damaged(_ store: Store) async throws -> Int {
        var damaged = 0
        for user in [alice, bob] {
            do throws(StoreError) {
                let export = try await store.export(of: user)
                #expect(export.principal == user.spelling)
                #expect(export.preferences.map(\.value) == ["casual"])
                #expect(export.consents.map(\.scope).count == 3)
                #expect(export.signals.map(\.excerpts) == [["answer": "text"]])
            } catch {
                guard case .recordDamaged = error else { throw error }
                damaged += 1
            }
        }
        return damaged
    }

    @Test(
        "rows swapped between users, removed, or changed where they are visible, are noticed",
        arguments: [
            "UPDATE preferences SET handle = (SELECT max(handle) FROM users)"
                + " WHERE handle = (SELECT min(handle) FROM users)",
            "UPDATE preferences SET sealed = (SELECT sealed FROM preferences ORDER BY handle LIMIT 1)",
            "UPDATE consents SET sealed = (SELECT sealed FROM consents ORDER BY handle, id LIMIT 1)"
                + " WHERE handle = (SELECT min(handle) FROM users)",
            "UPDATE users SET sealed = (SELECT sealed FROM users ORDER BY handle LIMIT 1)",
            "DELETE FROM preferences WHERE handle = (SELECT min(handle) FROM users)",
            "DELETE FROM consents WHERE rowid_of IS NULL",
            "DELETE FROM signals WHERE handle = (SELECT min(handle) FROM users)",
            "DELETE FROM excerpts WHERE handle = (SELECT min(handle) FROM users)",
            "DELETE FROM users WHERE handle = (SELECT min(handle) FROM users)",
            "UPDATE signals SET expires = 1 WHERE handle = (SELECT min(handle) FROM users)",
            "UPDATE signals SET scope = 2 WHERE handle = (SELECT min(handle) FROM users)",
            "UPDATE preferences SET version = 2 WHERE handle = (SELECT min(handle) FROM users)",
            "UPDATE users SET version = version + 1 WHERE handle = (SELECT min(handle) FROM users)",
            "UPDATE users SET epoch = 2 WHERE handle = (SELECT min(handle) FROM users)",
            "INSERT INTO preferences SELECT handle, randomblob(16), version, epoch, sealed"
                + " FROM preferences WHERE handle = (SELECT min(handle) FROM users)",
        ]
    )
    func rows(sql: String) async throws {
        let test = try await closedStore()
        let statement = sql.replacingOccurrences(
            of: "WHERE rowid_of IS NULL",
            with: "WHERE id = (SELECT id FROM consents ORDER BY handle, id LIMIT 1)"
        )
        try await edit(test.directory, statement)
        let store = try await test.open()
        #expect(try await damaged(store) >= 1)
        #expect(try await damaged(store) <= 2)
        await store.checkpointAndClose()
    }

    @Test("a withdrawn consent cannot be brought back by putting its older row in place")
    func replayedConsent() async throws {
        let test = try TestStore()
        let store = try await test.open()
        try await store.grant(.signalsExplicit, of: alice, method: .api)
        let version = try await store.pool.read { db in
            try Int64.fetchOne(db, sql: "SELECT version FROM consents")
        }
        let sealed = try await store.pool.read { db in
            try Data.fetchOne(db, sql: "SELECT sealed FROM consents")
        }
        try await store.withdraw(.signalsExplicit, of: alice)
        await store.checkpointAndClose()
        let queue = try DatabaseQueue(path: test.directory + "/prefd.db")
        try await queue.write { db in
            try db.execute(
                sql: "UPDATE consents SET version = ?, sealed = ?",
                arguments: [version, sealed]
            )
        }
        try queue.close()
        let again = try await test.open()
        await #expect(
            throws: StoreError.recordDamaged(pseudonym: again.pseudonym(of: alice))
        ) {
            try await again.profile(of: alice)
        }
        await again.checkpointAndClose()
    }

    @Test("one user's rows, all put back from an older copy, are noticed by that user's counter")
    func replayedUser() async throws {
        let test = try await closedStore()
        let older = try test.place(test.files(), as: "older")
        try await test.withStore { store in
            try await store.set("tone", "formal", of: alice)
            try await store.set("tone", "formal", of: bob)
        }
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(
            path: test.directory + "/prefd.db",
            configuration: configuration
        )
        try await queue.writeWithoutTransaction { db in
            try db.execute(sql: "ATTACH '\(older)/prefd.db' AS older")
            for table in ["users", "preferences", "consents", "signals", "excerpts"] {
                let one = "handle = (SELECT min(handle) FROM older.users)"
                try db.execute(sql: "DELETE FROM main.\(table) WHERE \(one)")
                try db.execute(
                    sql: "INSERT INTO main.\(table) SELECT * FROM older.\(table) WHERE \(one)"
                )
            }
        }
        try queue.close()
        let store = try await test.open()
        var refused = 0
        for user in [alice, bob] {
            do throws(StoreError) {
                #expect(try await store.value("tone", of: user) == "formal")
            } catch {
                #expect(error == .recordDamaged(pseudonym: store.pseudonym(of: user)))
                refused += 1
            }
        }
        #expect(refused == 1)
        // The other can go on, and the one who cannot be read can still be forgotten.
        for user in [alice, bob] { #expect(try await store.forget(user).erased.consents == 3) }
        await store.checkpointAndClose()
    }

    @Test("an older database, an older keyring and a log cut short are refused at the start")
    func rolledBack() async throws {
        let test = try await closedStore()
        let older = try test.files()
        let store = try await test.open()
        try await store.set("tone", "formal", of: alice)
        try await store.set("tone", "formal", of: .user(uid: 7))
        let running = try test.files()
        await store.checkpointAndClose()
        let newer = try test.files()

        func error(_ files: [String: Data]) async throws -> StoreError? {
            let path = try test.place(files, as: "copy")
            do {
                let store = try await test.open(directory: path)
                await store.checkpointAndClose()
                return nil
            } catch let error as StoreError {
                #expect(error.isKeyProblem)
                return error
            }
        }
        let path = test.root + "/copy"
        #expect(try await error(newer) == nil)
        #expect(
            try await error([
                "keyring": newer["keyring"] ?? Data(), "prefd.db": older["prefd.db"] ?? Data(),
            ])
                == .databaseRolledBack(directory: path)
        )
        #expect(
            try await error([
                "keyring": older["keyring"] ?? Data(), "prefd.db": newer["prefd.db"] ?? Data(),
            ])
                == .keyringRolledBack(directory: path)
        )
        var noLog = running
        noLog["prefd.db-wal"] = nil
        #expect(try await error(noLog) == .databaseRolledBack(directory: path))
        let log = try #require(running["prefd.db-wal"])
        for count in [0, 100, log.count / 2, log.count - 1] {
            var cut = running
            cut["prefd.db-wal"] = log.prefix(count)
            #expect(try await error(cut) == .databaseRolledBack(directory: path), "\(count) bytes")
        }
    }

    @Test("a flipped bit anywhere is refused, reported for its user, or without effect")
    func bitFlips() async throws {
        let test = try await closedStore()
        let files = try test.files()
        var generator = SeededGenerator(seed: 3)
        var noticed: [String: Int] = [:]
        for (name, content) in files.sorted(by: { $0.key < $1.key }) {
            let flips = name == "keyring" ? 400 : 300
            for _ in 0..<flips {
                var changed = files
                let byte = Int.random(in: 0..<content.count, using: &generator)
                changed[name]?[byte] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                let path = try test.place(changed, as: "flipped")
                do {
                    let store = try await test.open(directory: path)
                    if try await damaged(store) > 0 { noticed[name, default: 0] += 1 }
                    await store.checkpointAndClose()
                } catch let error as StoreError {
                    #expect(error.isKeyProblem, "\(name) \(byte): \(error)")
                    noticed[name, default: 0] += 1
                }
            }
        }
        #expect(try #require(noticed["keyring"]) > 200)
        #expect(try #require(noticed["prefd.db"]) > 20)
    }

    @Test("a flipped bit in the log of a store that crashed is refused")
    func logFlips() async throws {
        let test = try await closedStore()
        let store = try await test.open()
        for round in 0..<4 { try await store.set("note", "round \(round)", of: alice) }
        let running = try test.files()
        await store.checkpointAndClose()
        let log = try #require(running["prefd.db-wal"])
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<100 {
            var changed = running
            let byte = Int.random(in: 0..<log.count, using: &generator)
            changed["prefd.db-wal"]?[byte] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            let path = try test.place(changed, as: "flipped")
            do {
                let store = try await test.open(directory: path)
                #expect(try await store.value("note", of: alice) == "round 3", "byte \(byte)")
                await store.checkpointAndClose()
            } catch let error as StoreError {
                #expect(error.isKeyProblem, "byte \(byte): \(error)")
            }
        }
    }
}
