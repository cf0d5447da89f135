import Foundation
import GRDB
import PrefModel
import Testing

@testable import PrefStore

@Suite("Changing the master key")
struct MasterKeyChangeTests {
    private func source(_ test: TestStore) -> MasterKeySource {
        .file(path: test.keyPath, store: test.directory)
    }

    private func open(_ test: TestStore) async throws -> Store {
        try await Store.open(directory: test.directory, source: source(test))
    }

    /// A store with a few users, one of them forgotten, and its key.
    private func filled() async throws -> (test: TestStore, key: [UInt8]) {
        let test = try TestStore()
        try await test.withStore { store in
            for number in 0..<20 as Range<UInt32> {
                try await store.set("note", "of \(number)", of: .user(uid: number))
            }
            try await store.grant(.signalsExplicit, of: alice, method: .api)
            try await store.record(signal(), of: alice)
            try await store.forget(.user(uid: 7))
        }
        return (test, try key(test))
    }

    private func key(_ test: TestStore, _ suffix: String = "") throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: test.keyPath + suffix)))
    }

    private func exists(_ test: TestStore, _ suffix: String) -> Bool {
        FileManager.default.fileExists(atPath: test.keyPath + suffix)
    }

    private func expectEverything(in store: Store) async throws {
        for number in 0..<20 as Range<UInt32> where number != 7 {
            #expect(try await store.value("note", of: .user(uid: number)) == "of \(number)")
        }
        #expect(try await store.signals(of: alice).count == 1)
        #expect(try await store.export(of: .user(uid: 7)) == .none)
    }

    @Test("goes on without a stop, changes no row, and leaves the old key nowhere")
    func changes() async throws {
        let (test, old) = try await filled()
        let store = try await open(test)
        let rows = try await allRows(store)
        let before = try await store.keyReport()
        try await store.changeMasterKey()
        #expect(try await allRows(store) == rows)
        #expect(try key(test) != old)
        #expect(!exists(test, ".previous"))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: test.root).sorted() == [
                "master.key", "state",
            ]
        )
        let mode = try FileManager.default.attributesOfItem(atPath: test.keyPath)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        try await expectEverything(in: store)
        try await store.set("note", "after", of: bob)
        let after = try await store.keyReport()
        #expect(after.masterEpoch == before.masterEpoch + 1)
        #expect(after.masterSince >= before.masterSince)
        #expect(after.dataKeys == [1: 21] && after.erased == 1)
        await store.checkpointAndClose()

        let again = try await open(test)
        #expect(!again.changedMasterKey)
        try await expectEverything(in: again)
        #expect(try await again.value("note", of: bob) == "after")
        await again.checkpointAndClose()
        try TestStore.write(old, to: test.keyPath)
        await #expect(throws: StoreError.wrongKey(directory: test.directory)) {
            try await open(test)
        }
    }

    @Test("a crash after any step leaves a store that opens, and finishes the change")
    func crashes() async throws {
        let (test, old) = try await filled()
        let before = try test.files()
        let store = try await open(test)
        try await store.changeMasterKey()
        let after = try test.files()
        let new = try key(test)
        await store.checkpointAndClose()

        struct Step {
            let present: [UInt8]
            let previous: [UInt8]?
            let files: [String: Data]
        }
        // The keyring is under the new key, and the database does not know yet.
        let copy = try test.place(before, as: "copy")
        try TestStore.write(old, to: test.root + "/old.key")
        let halfway = try await Store.open(
            directory: copy,
            key: MasterKey.load(file: test.root + "/old.key")
        )
        let master = try MasterKey.load(file: test.keyPath)
        try halfway.keyring.rewrite(change: .init(master: master, today: 20_000))
        let unknown = try test.files(in: copy)
        await halfway.checkpointAndClose()
        let steps = [
            Step(present: old, previous: nil, files: before),
            Step(present: old, previous: old, files: before),
            Step(present: new, previous: old, files: before),
            Step(present: new, previous: old, files: unknown),
            Step(present: new, previous: old, files: after),
            Step(present: new, previous: [UInt8](repeating: 0, count: 32), files: after),
            Step(present: new, previous: nil, files: after),
        ]
        for (number, step) in steps.enumerated() {
            try TestStore.write(step.present, to: test.keyPath)
            try? FileManager.default.removeItem(atPath: test.keyPath + ".previous")
            if let previous = step.previous {
                try TestStore.write(previous, to: test.keyPath + ".previous")
            }
            _ = try test.place(step.files, as: "state")
            try TestStore.write([1, 2, 3], to: test.directory + "/keyring.new")
            let store = try await open(test)
            #expect(store.changedMasterKey == (number == 2), "step \(number)")
            try await expectEverything(in: store)
            #expect(!exists(test, ".previous"), "step \(number)")
            try await store.changeMasterKey()
            try await expectEverything(in: store)
            await store.checkpointAndClose()
            let again = try await open(test)
            try await expectEverything(in: again)
            await again.checkpointAndClose()
        }
    }

    @Test(
        "two names on one key file, as a crash right after the first step leaves them, lose nothing"
    )
    func linked() async throws {
        let (test, old) = try await filled()
        try FileManager.default.linkItem(atPath: test.keyPath, toPath: test.keyPath + ".previous")
        let store = try await open(test)
        #expect(try key(test) == old)
        #expect(!exists(test, ".previous"))
        try await expectEverything(in: store)
        await store.checkpointAndClose()
    }

    @Test("a credential is changed at a start that gets both, and not before")
    func credential() async throws {
        let (test, old) = try await filled()
        let credentials = test.root + "/credentials"
        try FileManager.default.createDirectory(
            atPath: credentials,
            withIntermediateDirectories: false
        )
        let source = MasterKeySource.credential(name: "key", directory: credentials)
        let present = credentials + "/key"
        try TestStore.write(old, to: present, mode: 0o400)
        let store = try await Store.open(directory: test.directory, source: source)
        await #expect(throws: StoreError.keyIsCredential(name: "key")) {
            try await store.changeMasterKey()
        }
        #expect(await store.health().lastWriteFailure == nil)
        await store.checkpointAndClose()

        try TestStore.write(.random(count: 32), to: present, mode: 0o400)
        await #expect(throws: StoreError.wrongKey(directory: test.directory)) {
            try await Store.open(directory: test.directory, source: source)
        }
        let previous = present + ".previous"
        for (content, mode) in [([UInt8].random(count: 32), 0o400), (old, 0o444), ([1, 2], 0o400)] {
            try TestStore.write(content, to: previous, mode: mode)
            let before = try test.files()
            await #expect(throws: StoreError.self) {
                try await Store.open(directory: test.directory, source: source)
            }
            #expect(try test.files() == before, "files were touched")
        }
        try TestStore.write(old, to: previous, mode: 0o400)
        for start in 0..<2 {
            let store = try await Store.open(directory: test.directory, source: source)
            #expect(store.changedMasterKey == (start == 0))
            #expect(try await store.keyReport().masterEpoch == 2)
            try await expectEverything(in: store)
            await store.checkpointAndClose()
        }
    }

    @Test("a key that the admin exchanged is taken over only while the old one is kept beside it")
    func byHand() async throws {
        let (test, old) = try await filled()
        let store = try await open(test)
        let own = [UInt8].random(count: 32)
        try TestStore.write(own, to: test.keyPath)
        await #expect(throws: StoreError.keyReplaced(path: test.keyPath)) {
            try await store.changeMasterKey()
        }
        try TestStore.write(old, to: test.keyPath + ".previous")
        try await store.changeMasterKey()
        #expect(try key(test) == own)
        #expect(!exists(test, ".previous"))
        await store.checkpointAndClose()
        let again = try await open(test)
        try await expectEverything(in: again)
        await again.checkpointAndClose()
    }

    @Test("a keyring that cannot be rewritten leaves both keys, and the next try finishes")
    func cannotRewrite() async throws {
        let (test, old) = try await filled()
        let store = try await open(test)
        let obstacle = test.directory + "/keyring.new"
        try FileManager.default.createDirectory(
            atPath: obstacle,
            withIntermediateDirectories: false
        )
        await #expect(throws: StoreError.self) { try await store.changeMasterKey() }
        #expect(try key(test, ".previous") == old)
        try await expectEverything(in: store)
        try await store.set("note", "meanwhile", of: bob)
        let waiting = try key(test)
        try FileManager.default.removeItem(atPath: obstacle)
        try await store.changeMasterKey()
        #expect(try key(test) == waiting)
        #expect(!exists(test, ".previous"))
        await store.checkpointAndClose()
        let again = try await open(test)
        #expect(try await again.value("note", of: bob) == "meanwhile")
        await again.checkpointAndClose()
    }

    @Test("a keyring from before the change is refused beside the database, whoever has its key")
    func olderKeyring() async throws {
        let (test, old) = try await filled()
        let before = try test.files()
        let store = try await open(test)
        try await store.changeMasterKey()
        await store.checkpointAndClose()
        var files = try test.files()
        files["keyring"] = before["keyring"]
        _ = try test.place(files, as: "state")
        try TestStore.write(old, to: test.keyPath)
        await #expect(throws: StoreError.keyringRolledBack(directory: test.directory)) {
            try await open(test)
        }
    }
}

/// Every row of every table, as it is on disk.
func allRows(_ store: Store) async throws -> [String] {
    try await store.pool.read { db in
        try ["users", "preferences", "consents", "signals", "excerpts"].flatMap { table in
            try String.fetchAll(
                db,
                sql: "SELECT hex(handle) || epoch || hex(sealed) FROM \(table) ORDER BY 1"
            )
        }
    }
}
