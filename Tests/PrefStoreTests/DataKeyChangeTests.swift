import Foundation
import GRDB
import PrefModel
import Testing

@testable import PrefStore

@Suite("Changing one user's data key")
struct DataKeyChangeTests {
    private func fill(_ store: Store) async throws {
        for user in [alice, bob] {
            try await store.set("note", "first", of: user)
            try await store.grant(.signalsExplicit, of: user, method: .api)
            try await store.grant(.signalsImplicit, of: user, method: .api)
            try await store.grant(.content, of: user, method: .api, retentionSeconds: 9_000_000)
            try await store.record(signal(excerpts: ["answer": "words"], at: Date()), of: user)
            try await store.record(signal(.regenerate, at: Date()), of: user)
        }
    }

    private func epochs(_ store: Store) async throws -> [[Int]] {
        try await store.pool.read { db in
            try ["users", "preferences", "consents", "signals", "excerpts"].map { table in
                try Int.fetchAll(db, sql: "SELECT epoch FROM \(table) GROUP BY handle ORDER BY 1")
            }
        }
    }

    @Test("seals every record anew, touches nobody else's, and goes on")
    func changes() async throws {
        let test = try TestStore()
        let store = try await test.open()
        try await fill(store)
        let before = try await store.export(of: alice)
        let rows = Set(try await allRows(store))
        #expect(try await store.changeDataKey(pseudonym: store.pseudonym(of: alice)))
        #expect(try await store.export(of: alice) == before)
        #expect(try await epochs(store) == [[1, 2], [1, 2], [1, 2], [1, 2], [1, 2]])
        let now = Set(try await allRows(store))
        // Bob's: a head, a preference, four consents, two signals, an excerpt.
        #expect(rows.intersection(now).count == 9)
        try await store.set("note", "second", of: alice)
        try await store.record(signal(at: Date()), of: alice)
        #expect(try await store.changeDataKey(pseudonym: store.pseudonym(of: alice)))
        #expect(try await store.keyReport().dataKeys == [1: 1, 3: 1])
        await store.checkpointAndClose()
        try await test.withStore { store in
            #expect(try await store.value("note", of: alice) == "second")
            #expect(try await store.signals(of: alice).count == 3)
            #expect(try await store.value("note", of: bob) == "first")
            try await store.withdraw(.signalsExplicit, of: alice)
            #expect(try await store.signals(of: alice).count == 1)
            try await store.forget(alice)
            #expect(try await store.export(of: alice) == .none)
        }
    }

    @Test("nobody of that pseudonym: nothing is written")
    func unknown() async throws {
        let test = try TestStore()
        let store = try await test.open()
        try await fill(store)
        let before = try test.files()
        #expect(try await !store.changeDataKey(pseudonym: "p-none"))
        #expect(try test.files() == before)
        await store.checkpointAndClose()
    }

    @Test("the old key is gone from the keyring, and old rows are not taken back")
    func oldRows() async throws {
        let test = try TestStore()
        try await test.withStore { try await fill($0) }
        let before = try test.files()
        let tag = try await test.withStore { store -> IndexTag in
            let entry = try #require(try store.keyring.entry(store.keyring.tag(of: alice)))
            #expect(try await store.changeDataKey(pseudonym: store.pseudonym(of: alice)))
            return entry.tag
        }
        let keyring = try #require(try test.files()["keyring"])
        var slots = 0
        for offset in stride(from: 1024, to: keyring.count, by: 256)
        where Array(keyring[(offset + 16)..<(offset + 32)]) == tag.bytes {
            slots += 1
            #expect(keyring[offset + 4] == 2, "an entry of the old epoch is left")
        }
        #expect(slots >= 1)
        // The rows from before, put into the present database one table at a time.
        _ = try test.place(before, as: "old")
        let queue = try DatabaseQueue(path: test.directory + "/prefd.db")
        try await queue.write { db in
            try db.execute(sql: "ATTACH '\(test.root)/old/prefd.db' AS old")
            for table in ["users", "preferences", "consents", "signals", "excerpts"] {
                try db.execute(sql: "REPLACE INTO \(table) SELECT * FROM old.\(table)")
            }
        }
        try queue.close()
        let store = try await test.open()
        await #expect(throws: StoreError.recordDamaged(pseudonym: store.pseudonym(of: alice))) {
            try await store.profile(of: alice)
        }
        #expect(try await store.value("note", of: bob) == "first")
        await store.checkpointAndClose()
    }

    @Test("a crash between the new key and the rows goes back to the old key, one after it goes on")
    func crashes() async throws {
        let test = try TestStore()
        try await test.withStore { try await fill($0) }
        let before = try test.files()
        let store = try await test.open()
        let tag = store.keyring.tag(of: alice)
        let entry = try #require(try store.keyring.entry(tag))
        let head = try await store.pool.read { db in
            try UserLoader(db: db, database: store.keyring.database)
                .head(of: entry, keys: UserKeys(entry, database: store.keyring.database))
        }
        let next = KeyringEntry(
            tag: tag,
            handle: entry.handle,
            epoch: 2,
            dataKey: entry.dataKey,
            createdDay: 1,
            counter: try #require(head).counter,
            chain: try #require(head).chain
        )
        _ = try store.keyring.prepare(next)
        let prepared = try test.files()["keyring"]
        await store.checkpointAndClose()

        // The new key is on disk, the rows are not.
        var files = before
        files["keyring"] = TestStore.keyring(prepared, markedAs: before["keyring"])
        let path = try test.place(files, as: "early")
        for round in 0..<3 {
            let copy = try await test.open(directory: path)
            #expect(try await copy.value("note", of: alice) == (round == 0 ? "first" : "round"))
            #expect(try await copy.signals(of: alice).count == 2)
            #expect(try await copy.keyReport().dataKeys == [1: 2])
            try await copy.set("note", "round", of: alice)
            await copy.checkpointAndClose()
        }

        // The rows are under the new key, and the keyring still has the old one as well.
        let late = try test.place(before, as: "late")
        let third = try await test.open(directory: late)
        try FileManager.default.createDirectory(
            atPath: late + "/keyring.new",
            withIntermediateDirectories: false
        )
        #expect(try await third.changeDataKey(pseudonym: third.pseudonym(of: alice)))
        try FileManager.default.removeItem(atPath: late + "/keyring.new")
        let crashed = try test.place(test.files(in: late), as: "crashed")
        await third.checkpointAndClose()
        let length = try #require(try test.files(in: crashed)["keyring"]).count
        let last = try await test.open(directory: crashed)
        #expect(try await last.value("note", of: alice) == "first")
        #expect(try await last.signals(of: alice).count == 2)
        #expect(try await last.keyReport().dataKeys == [1: 1, 2: 1])
        #expect(try #require(try test.files(in: crashed)["keyring"]).count < length)
        await last.checkpointAndClose()
    }

    @Test("older rows are not taken for those of an unfinished change")
    func rolledBackRows() async throws {
        let test = try TestStore()
        try await test.withStore { try await fill($0) }
        let before = try test.files()
        let store = try await test.open()
        try await store.set("note", "newer", of: alice)
        let tag = store.keyring.tag(of: alice)
        let state = try #require(store.cache[tag]).state
        let entry = try #require(try store.keyring.entry(tag))
        let next = KeyringEntry(
            tag: tag,
            handle: entry.handle,
            epoch: 2,
            dataKey: entry.dataKey,
            createdDay: 1,
            counter: state.head.counter,
            chain: state.head.chain
        )
        _ = try store.keyring.prepare(next)
        var files = before
        files["keyring"] = TestStore.keyring(
            try test.files()["keyring"],
            markedAs: before["keyring"]
        )
        await store.checkpointAndClose()
        let copy = try await test.open(directory: try test.place(files, as: "older"))
        await #expect(throws: StoreError.recordDamaged(pseudonym: copy.pseudonym(of: alice))) {
            try await copy.profile(of: alice)
        }
        await copy.checkpointAndClose()
    }

    @Test("readers and writers never notice", arguments: StoreKind.tested)
    func concurrent(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        let store = try await test.open(limits: StoreLimits(cachedUsers: 2))
        try await fill(store)
        let isDone = Shared(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    while !isDone.current {
                        #expect(try await store.export(of: alice).signals.count == 2)
                        #expect(try await store.profile(of: bob).preferences.count == 1)
                        for other in 0..<3 as Range<UInt32> {
                            _ = try await store.profile(of: .user(uid: other))
                        }
                    }
                }
            }
            group.addTask {
                var number = 0
                while !isDone.current {
                    number += 1
                    try await store.set("note", "\(number)", of: alice)
                }
            }
            for _ in 0..<40 {
                #expect(try await store.changeDataKey(pseudonym: store.pseudonym(of: alice)))
            }
            isDone.update { $0 = true }
            try await group.waitForAll()
        }
        #expect(try await store.keyReport().dataKeys == [1: 1, 41: 1])
        await store.checkpointAndClose()
        let kept = try await test.withStore { try await $0.signals(of: alice) }
        #expect(kept.count == 2)
    }
}
