import Foundation
import GRDB
import PrefModel
import Testing

@testable import PrefStore

@Suite("Restoring backups")
struct RestoreTests {
    @Test("hold what was there when they were made, and bring that back")
    func roundTrip() async throws {
        let setting = try await BackupSetting(TestStore())
        try await setting.store.fill(alice)
        _ = try await setting.store.keepPopulation(Array("{}".utf8), after: nil)
        let before = try await setting.store.export(of: alice)
        let files = try await setting.backup()
        #expect(files.keys.contains(.population) && !files.keys.contains(.erasures))
        _ = try await setting.store.set("tone", "formal", of: alice)
        try await setting.store.fill(bob)

        let summary = try await setting.desk.verify(setting.send(files))
        #expect(summary.users == 1 && summary.preferences == 1)
        #expect(summary.consents == 3 && summary.signals == 3)
        #expect(
            summary.bytes == files.filter { $0.key != .manifest }.reduce(0) { $0 + $1.value.count }
        )
        _ = try await setting.desk.stage(setting.send(files))
        #expect(try await setting.store.value("tone", of: alice) == "formal")

        let (store, restored) = try await setting.restart()
        #expect(restored?.erased == 0 && restored?.withdrawn == 0 && restored?.createdAt != nil)
        #expect(try await store.export(of: alice) == before)
        #expect(try await store.export(of: bob) == .none)
        #expect(try await store.population() == Array("{}".utf8))
        #expect(
            try Set(setting.test.names()) == [
                "audit.log", "keyring", "population.json", "prefd.db", "prefd.db-shm",
                "prefd.db-wal",
            ]
        )
        await store.checkpointAndClose()
        // Once.
        #expect(
            try await setting.test.finishRestore() == nil
        )
    }

    @Test("do not bring back who was forgotten, nor what was withdrawn, since then")
    func erasureHolds() async throws {
        let carol = Principal.user(uid: 1002)
        let dora = Principal.user(uid: 1003)
        let setting = try await BackupSetting(TestStore())
        let store = setting.store
        for user in [alice, bob, carol, dora] { try await store.fill(user) }
        // Withdrawn and granted again before the backup: that stands.
        try await store.withdraw(.signalsExplicit, of: dora)
        try await store.fill(dora)
        let doras = try await store.export(of: dora)
        let files = try await setting.backup()

        try await store.forget(alice)
        try await store.fill(alice)
        try await store.withdraw(.signalsExplicit, of: bob)
        try await store.grant(.signalsExplicit, of: bob, method: .api)
        // A new retention ends the record that the backup has; the withdrawal is of the next one.
        try await store.grant(.content, of: carol, method: .api, retentionSeconds: 86_400)
        try await store.withdraw(.content, of: carol)
        try await store.withdraw(.preferences, of: carol)

        _ = try await setting.desk.stage(setting.send(files))
        let (again, restored) = try await setting.restart()
        #expect(restored?.erased == 1 && restored?.withdrawn == 3)
        #expect(try await again.export(of: alice) == .none)
        let bobs = try await again.export(of: bob)
        #expect(bobs.signals.isEmpty && bobs.preferences.count == 1)
        #expect(try await !again.profile(of: bob).granted.contains(.signalsExplicit))
        let carols = try await again.export(of: carol)
        #expect(carols.preferences.isEmpty && carols.signals.count == 3)
        #expect(carols.signals.allSatisfy { $0.excerpts.isEmpty })
        #expect(try await again.export(of: dora) == doras)
        await again.checkpointAndClose()
    }

    @Test("of an older state bring nobody back either after a newer one was restored")
    func ledgersTravel() async throws {
        let setting = try await BackupSetting(TestStore())
        try await setting.store.fill(alice)
        try await setting.store.fill(bob)
        let old = try await setting.backup()
        try await setting.store.forget(alice)
        let new = try await setting.backup()
        #expect(new.keys.contains(.erasures))

        // Another machine with the same key, and a store of its own.
        let other = try TestStore()
        try FileManager.default.removeItem(atPath: other.keyPath)
        try FileManager.default.copyItem(atPath: setting.test.keyPath, toPath: other.keyPath)
        let there = try await BackupSetting(other)
        try await there.store.fill(alice)
        try await there.store.forget(alice)
        _ = try await there.desk.stage(there.send(new))
        let (second, _) = try await there.restart()
        #expect(try await second.users().count == 1)
        await second.checkpointAndClose()
        let third = try await BackupSetting(other)
        _ = try await third.desk.stage(third.send(old))
        let (store, restored) = try await third.restart()
        #expect(restored?.erased == 1)
        #expect(try await store.export(of: alice) == .none)
        #expect(try await store.export(of: bob).signals.count == 3)
        await store.checkpointAndClose()
        await setting.store.checkpointAndClose()
    }

    @Test("of a key that was changed since are refused; those made after it are not")
    func changedKeys() async throws {
        let setting = try await BackupSetting(TestStore())
        try await setting.store.fill(alice)
        try await setting.store.fill(bob)
        let old = try await setting.backup()
        try await setting.store.changeMasterKey()
        let id = try await setting.send(old)
        await #expect(throws: BackupError.otherKey) { try await setting.desk.stage(id) }
        let pseudonym = setting.store.pseudonym(of: bob)
        #expect(try await setting.store.changeDataKey(pseudonym: pseudonym))
        let before = try await setting.store.export(of: bob)
        let new = try await setting.backup()
        try await setting.store.withdraw(.content, of: bob)
        #expect(try await setting.store.changeDataKey(pseudonym: pseudonym))
        _ = try await setting.desk.stage(setting.send(new))
        let (store, restored) = try await setting.restart()
        #expect(restored?.withdrawn == 1)
        let after = try await store.export(of: bob)
        #expect(after.signals.count == before.signals.count)
        #expect(after.signals.allSatisfy { $0.excerpts.isEmpty })
        #expect(try await store.export(of: alice).signals.count == 3)
        await store.checkpointAndClose()
    }

    @Test(
        "put into place by hand are verified at the start, and refused ones leave the store alone"
    )
    func byHand() async throws {
        let setting = try await BackupSetting(TestStore())
        try await setting.store.fill(alice)
        let files = try await setting.backup()
        try await setting.store.forget(alice)
        try await setting.store.fill(bob)
        await setting.store.checkpointAndClose()
        let before = try setting.test.files()
        var named = Dictionary(
            uniqueKeysWithValues: files.map { ($0.key.rawValue, Data($0.value)) }
        )
        named["prefd.db"]?[5_000] ^= 1
        _ = try setting.test.place(named, as: "state/restore")
        await #expect(throws: BackupError.self) {
            try await setting.test.finishRestore()
        }
        try FileManager.default.removeItem(atPath: setting.test.directory + "/restore")
        #expect(try setting.test.files() == before)
        named["prefd.db"]?[5_000] ^= 1
        _ = try setting.test.place(named, as: "state/restore")
        let restored = try await setting.test.finishRestore()
        #expect(restored?.erased == 1 && restored?.createdAt != nil)
        let users = try await setting.test.withStore { try await $0.users() }
        #expect(users.isEmpty)
    }

    @Test("take the store's place in one step, at whatever moment a crash comes")
    func crashes() async throws {
        let setting = try await BackupSetting(TestStore())
        try await setting.store.fill(alice)
        let old = try await setting.store.export(of: alice)
        let files = try await setting.backup()
        try await setting.store.forget(alice)
        try await setting.store.fill(bob)
        // Acknowledged, and only in the log.
        _ = try await setting.store.set("tone", "warm", of: bob)
        let running = try setting.test.files()
        let new = try await setting.store.export(of: bob)
        _ = try await setting.desk.stage(setting.send(files))
        await setting.store.checkpointAndClose()
        let key = try MasterKey.load(file: setting.test.keyPath)
        let staged = try setting.test.files(in: setting.test.directory + "/restore")

        // Before the step: the store is as it was, and the restore is still asked for.
        let path = try setting.test.place(running, as: "before")
        _ = try setting.test.place(staged, as: "before/restore")
        _ = try await Restoration(in: path).prepare(key)
        let store = try await setting.test.open(directory: path)
        #expect(try await store.export(of: bob) == new)
        await store.checkpointAndClose()

        // After it: files are moved one after the other, and any number may have been.
        for moved in 0...3 {
            let name = "after\(moved)"
            let path = try setting.test.place(running, as: name)
            _ = try setting.test.place(staged, as: name + "/restore")
            try await commit(path, key)
            for file in ["prefd.db", "erasures", "keyring"].prefix(moved) {
                if file == "prefd.db" {
                    try FileManager.default.removeItem(atPath: path + "/prefd.db-wal")
                }
                try FileManager.default.removeItem(atPath: path + "/" + file)
                try FileManager.default.moveItem(
                    atPath: path + "/restoring/" + file,
                    toPath: path + "/" + file
                )
            }
            #expect(try await setting.test.finishRestore(in: path) != nil)
            #expect(!FileManager.default.fileExists(atPath: path + "/restoring"))
            let again = try await setting.test.open(directory: path)
            #expect(try await again.export(of: bob) == .none, "\(moved) files moved")
            #expect(try await again.export(of: alice) == .none, "\(moved) files moved")
            #expect(old != .none)
            await again.checkpointAndClose()
        }
    }

    /// In a function of its own, so that the lock of the restoration is given back.
    private func commit(_ path: String, _ key: MasterKey) async throws {
        let restoration = try Restoration(in: path)
        _ = try await restoration.prepare(key)
        try restoration.commit()
    }
}
