import Foundation
import GRDB
import PrefModel
import Testing

@testable import PrefStore

@Suite("Forgetting a user")
struct ErasureTests {
    private func fill(_ store: Store, _ user: Principal, note: String) async throws {
        _ = try await store.set("note", note, of: user)
        try await store.grant(.signalsExplicit, of: user, method: .api)
        try await store.grant(.content, of: user, method: .api)
        try await store.record(signal(excerpts: ["answer": note]), of: user)
    }

    @Test("erases keys and rows, says how much, and touches nobody else")
    func erases() async throws {
        let test = try TestStore()
        let store = try await test.open()
        try await fill(store, alice, note: "alice")
        try await fill(store, bob, note: "bob")
        let receipt = try await store.forget(alice)
        #expect(receipt.erased == .init(preferences: 1, consents: 3, signals: 1))
        #expect(receipt.pseudonym == store.pseudonym(of: alice))
        #expect(try await store.export(of: alice) == .none)
        #expect(try await store.profile(of: alice) == .unknown)
        #expect(try await store.users().map(\.pseudonym) == [store.pseudonym(of: bob)])
        let rows = try await store.pool.read { db in
            try ["users", "preferences", "consents", "signals", "excerpts"].map {
                try Int.fetchOne(db, sql: "SELECT count(DISTINCT handle) FROM \($0)")
            }
        }
        #expect(rows == [1, 1, 1, 1, 1])
        #expect(await store.health().logBytes == 0)
        await store.checkpointAndClose()
        let kept = try await test.withStore { try await $0.export(of: bob) }
        #expect(kept.preferences.map(\.value) == ["bob"] && kept.signals.count == 1)
    }

    @Test("the receipt can be verified later, and no changed one can", arguments: StoreKind.tested)
    func receipts(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        let receipt = try await test.withStore { store in
            try await fill(store, alice, note: "x")
            return try await store.forget(alice)
        }
        let read = try PrefJSON.decode(
            ErasureReceipt.self,
            from: PrefJSON.encode(receipt)
        )
        let json = String(decoding: try PrefJSON.encode(receipt), as: UTF8.self)
        let forged = try PrefJSON.decode(
            ErasureReceipt.self,
            from: Data(json.replacingOccurrences(of: "\"signals\":1", with: "\"signals\":0").utf8)
        )
        try await test.withStore { store in
            _ = try await store.profile(of: bob)
            #expect(store.verify(read))
            #expect(!store.verify(forged))
        }
    }

    @Test("one who is not known gets a receipt over nothing, and no byte changes")
    func unknown() async throws {
        let test = try TestStore()
        let store = try await test.open()
        _ = try await store.set("tone", "casual", of: alice)
        let before = try test.files()
        #expect(try await store.forget(bob).erased == .none)
        #expect(try await store.forget(pseudonym: store.pseudonym(of: bob)) == nil)
        #expect(try test.files() == before)
        await store.checkpointAndClose()
    }

    @Test(
        "by pseudonym it is the same, and one who comes back begins anew",
        arguments: StoreKind.tested
    )
    func comesBack(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        let store = try await test.open()
        try await fill(store, alice, note: "before")
        let pseudonym = store.pseudonym(of: alice)
        #expect(try await store.forget(pseudonym: pseudonym)?.erased.signals == 1)
        _ = try await store.set("tone", "casual", of: alice)
        #expect(try await store.preferences(of: alice).map(\.value) == ["casual"])
        #expect(store.pseudonym(of: alice) == pseudonym)
        await store.checkpointAndClose()
        let kept = try await test.withStore { try await $0.export(of: alice) }
        #expect(kept.preferences.map(\.value) == ["casual"] && kept.signals.isEmpty)
    }

    @Test("a crash between keys and rows is finished at the next start")
    func interrupted() async throws {
        let test = try TestStore()
        let store = try await test.open()
        try await fill(store, alice, note: "alice")
        try await fill(store, bob, note: "bob")
        let before = try test.files()
        try await store.forget(alice)
        var crashed = try test.files()
        await store.checkpointAndClose()
        for name in ["prefd.db", "prefd.db-wal"] { crashed[name] = before[name] }
        crashed["keyring"] = TestStore.keyring(crashed["keyring"], markedAs: before["keyring"])
        let path = try test.place(crashed, as: "crashed")
        let again = try await test.open(directory: path)
        #expect(try await again.export(of: alice) == .none)
        #expect(try await again.value("note", of: bob) == "bob")
        let handles = try await again.pool.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM signals")
        }
        #expect(handles == 1)
        await again.checkpointAndClose()
    }

    @Test("the data key is gone from the keyring, in the new file and the old one's place")
    func keyIsGone() async throws {
        let test = try TestStore()
        let store = try await test.open()
        try await fill(store, alice, note: "alice")
        try await fill(store, bob, note: "bob")
        let keyring = try #require(try test.files()["keyring"])
        let sealed = keyring[(1024 + 48)..<(1024 + 48 + 153)]
        try await store.forget(alice)
        for (name, content) in try test.files() {
            #expect(content.range(of: sealed) == nil, "the wrapped key is still in \(name)")
        }
        await store.checkpointAndClose()
    }

    @Test("what was deleted is in no file any more, not even sealed, once no reader is in the log")
    func sealedIsGone() async throws {
        let test = try TestStore()
        let store = try await test.open()
        try await fill(store, alice, note: "alice")
        let sealed = try await store.pool.read { db in
            try Data.fetchAll(
                db,
                sql: "SELECT sealed FROM excerpts UNION ALL SELECT sealed FROM preferences"
            )
        }
        #expect(sealed.count == 2)
        func found() throws -> Int {
            try test.files().values.reduce(0) { count, content in
                count + sealed.filter { content.range(of: $0.suffix(64)) != nil }.count
            }
        }
        #expect(try found() > 0)
        let isFree = DispatchSemaphore(value: 0)
        let isReading = DispatchSemaphore(value: 0)
        store.pool.asyncRead { result in
            do {
                _ = try Int.fetchOne(result.get(), sql: "SELECT count(*) FROM users")
            } catch {
                Issue.record(error)
            }
            isReading.signal()
            isFree.wait()
        }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                isReading.wait()
                continuation.resume()
            }
        }
        // The reader keeps the log from being emptied; nobody waits for it.
        try await store.withdraw(.content, of: alice)
        try await store.withdraw(.preferences, of: alice)
        #expect(try found() > 0)
        isFree.signal()
        for _ in 0..<100 where try found() > 0 { try await Task.sleep(for: .milliseconds(50)) }
        #expect(try found() == 0)
        #expect(await store.health().logBytes == 0)
        await store.checkpointAndClose()
    }

    @Test("many users forgotten at once share rewrites, and each is gone")
    func many() async throws {
        let test = try TestStore()
        let store = try await test.open()
        for number in 0..<40 as Range<UInt32> {
            _ = try await store.set("tone", "x", of: .user(uid: number))
        }
        let generation = store.keyring.extent.generation
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<30 as Range<UInt32> {
                group.addTask {
                    let receipt = try await store.forget(.user(uid: number))
                    #expect(receipt.erased.preferences == 1)
                }
            }
            try await group.waitForAll()
        }
        #expect(store.keyring.extent.generation - generation <= 30)
        #expect(try await store.users().count == 10)
        await store.checkpointAndClose()
        try await test.withStore { store in
            let users = try await store.users()
            #expect(users.count == 10)
        }
    }
}
