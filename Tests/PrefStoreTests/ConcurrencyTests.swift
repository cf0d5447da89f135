import Foundation
import GRDB
import PrefModel
import Synchronization
import Testing

@testable import PrefStore

@Suite("Many at once")
struct ConcurrencyTests {
    @Test("writes that wait share transactions, and each is there afterwards")
    func groupCommit() async throws {
        let test = try TestStore()
        let store = try await test.open()
        let count = 500
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask {
                    try await store.set(
                        "note",
                        "of \(number)",
                        of: .user(uid: UInt32(number % 100))
                    )
                }
            }
            try await group.waitForAll()
        }
        let (transactions, writes) = store.writes.statistics.withLock {
            ($0.transactions, $0.writes)
        }
        #expect(writes == count)
        #expect(transactions < count / 2, "\(transactions) transactions for \(count) writes")
        await store.checkpointAndClose()
        let users = try await test.withStore { try await $0.users() }
        #expect(users.count == 100)
        #expect(users.allSatisfy { $0.preferences == 1 && $0.standingConsents == [.preferences] })
    }

    @Test(
        "a write that is refused takes none of those beside it along",
        arguments: StoreKind.tested
    )
    func refusalAmongOthers(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        let store = try await test.open(limits: StoreLimits(preferences: 2))
        let refused = Shared(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let user = Principal.user(uid: UInt32(number / 4))
                    do throws(StoreError) {
                        try await store.set("d\(number % 4)", "x", of: user)
                    } catch {
                        #expect(error == .tooMany(what: "preferences", limit: 2))
                        refused.update { $0 += 1 }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(refused.current == 100)
        let users = try await store.users()
        #expect(users.count == 50 && users.allSatisfy { $0.preferences == 2 })
        await store.checkpointAndClose()
        let again = try await test.withStore { try await $0.users() }
        #expect(again == users)
    }

    @Test("a profile is answered while a transaction is under way, in memory or not")
    func readersDoNotWait() async throws {
        let test = try TestStore()
        try await test.withStore { store in
            try await store.set("tone", "casual", of: alice)
            try await store.set("tone", "formal", of: bob)
        }
        let store = try await test.open()
        _ = try await store.profile(of: alice)
        let isFree = DispatchSemaphore(value: 0)
        // Holds the writer, inside a transaction with changes, for as long as the readers run.
        store.pool.asyncWriteWithoutTransaction { db in
            do {
                try db.beginTransaction(.immediate)
                try db.execute(sql: "DELETE FROM preferences")
                isFree.wait()
                try db.rollback()
            } catch {
                Issue.record(error)
            }
        }
        async let written: ConsentRecord? = store.set("tone", "playful", of: alice)
        for _ in 0..<100 {
            #expect(try await store.value("tone", of: alice) == "casual")
            #expect(try await store.profile(of: .user(uid: 99)) == .unknown)
            #expect(try await store.value("tone", of: bob) == "formal")
            #expect(try await store.export(of: bob).preferences.count == 1)
        }
        isFree.signal()
        #expect(try await written == nil)
        #expect(try await store.value("tone", of: alice) == "playful")
        await store.checkpointAndClose()
    }

    @Test(
        "readers never see a state that was not committed, nor go back, nor see the dead",
        arguments: StoreKind.tested
    )
    func readersSeeOnlyForward(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        // A small cache, so that users are loaded from disk again and again.
        let store = try await test.open(limits: StoreLimits(cachedUsers: 2))
        let users = (0..<6).map { Principal.user(uid: $0) }
        for user in users { try await store.set("note", "0", of: user) }
        let acknowledged = Shared([Int](repeating: 0, count: users.count))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, user) in users.enumerated() {
                group.addTask {
                    for round in 1...60 {
                        try await store.set("note", "\(round)", of: user)
                        acknowledged.update { $0[number] = round }
                    }
                }
                group.addTask {
                    for _ in 0..<200 {
                        let atLeast = acknowledged.current[number]
                        let value = try await store.value("note", of: user)
                        let seen = try #require(value.flatMap { Int($0) })
                        #expect(seen >= atLeast)
                    }
                }
            }
            try await group.waitForAll()
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for user in users {
                group.addTask { for _ in 0..<50 { _ = try await store.profile(of: user) } }
                group.addTask {
                    try await store.forget(user)
                    for _ in 0..<50 {
                        let profile = try await store.profile(of: user)
                        #expect(profile == .unknown)
                    }
                }
            }
            try await group.waitForAll()
        }
        await store.checkpointAndClose()
    }

    @Test("writes are durable: the writer's connection syncs every commit")
    func isDurable() async throws {
        let test = try TestStore()
        let store = try await test.open()
        let settings = try await store.pool.writeWithoutTransaction { db in
            try ["synchronous", "temp_store", "secure_delete", "foreign_keys", "trusted_schema"].map
            {
                try Int.fetchOne(db, sql: "PRAGMA \($0)")
            }
        }
        #expect(settings == [2, 2, 1, 1, 0])
        let mode = try await store.pool.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") }
        #expect(mode == "wal")
        await store.checkpointAndClose()
    }

    @Test(
        "closing waits for what was begun, and refuses what comes after",
        arguments: StoreKind.tested
    )
    func closing(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        let store = try await test.open()
        let acknowledged = Shared<Set<UInt32>>([])
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<100 as Range<UInt32> {
                group.addTask {
                    do throws(StoreError) {
                        try await store.set("tone", "casual", of: .user(uid: number))
                        acknowledged.update { _ = $0.insert(number) }
                    } catch {
                        #expect(error == .closed)
                    }
                }
            }
            group.addTask { await store.checkpointAndClose() }
        }
        await store.checkpointAndClose()
        let kept = try await test.withStore { store in
            var kept: Set<UInt32> = []
            for number in 0..<100 as Range<UInt32>
            where try await store.value("tone", of: .user(uid: number)) != nil {
                kept.insert(number)
            }
            return kept
        }
        #expect(kept == acknowledged.current)
    }

    @Test("the figures of the store are those of its files")
    func health() async throws {
        let test = try TestStore()
        let store = try await test.open()
        try await store.set("tone", "casual", of: alice)
        let health = await store.health()
        #expect(health.readable && health.users == 1 && health.schemaVersion == Schema.version)
        #expect(health.lastWriteFailure == nil)
        let files = try test.files()
        #expect(Int(health.databaseBytes) == files["prefd.db"]?.count)
        #expect(Int(health.keyringBytes) == files["keyring"]?.count)
        #expect(Int(health.logBytes) == files["prefd.db-wal"]?.count)
        await store.checkpointAndClose()
        #expect(await store.health().readable == false)
    }
}
