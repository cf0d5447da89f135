import Foundation
import GRDB
import PrefModel
import Testing

@testable import PrefStore

@Suite("The audit log after crashes, damage and restores")
struct AuditLogRecoveryTests {
    @Test("a crash at any byte of an append opens, verifies, and says what was not acknowledged")
    func torn() async throws {
        let test = try TestStore()
        let store = try await test.open()
        try await store.set("tone", "casual", of: alice)
        let before = try test.files()
        try await store.set("tone", "casual", of: bob)
        try await store.forget(bob)
        let after = try test.files()
        await store.checkpointAndClose()
        let whole = try #require(after["audit.log"])
        let start = try #require(before["audit.log"]).count
        for length in stride(from: start, through: whole.count, by: 7) {
            var files = before
            files["audit.log"] = whole.prefix(length)
            let path = try test.place(files, as: "torn")
            let copy = try await test.open(directory: path)
            #expect(copy.auditDamage == nil)
            #expect(try await copy.verifyAudit()?.problems == [])
            try await copy.grant(.content, of: alice, method: .api)
            #expect(try await copy.verifyAudit()?.problems == [])
            await copy.checkpointAndClose()
        }
        // Zeros where a page never reached the disk, and a whole entry behind them.
        var files = before
        files["audit.log"] = whole.prefix(start) + Data(count: 200) + whole.dropFirst(start + 200)
        let zeroed = try await test.open(directory: try test.place(files, as: "zeros"))
        #expect(try await zeroed.verifyAudit()?.problems == [])
        await zeroed.checkpointAndClose()
        // All of it reached the disk, and the commit did not.
        files["audit.log"] = whole
        let path = try test.place(files, as: "ahead")
        let ahead = try await test.open(directory: path)
        try await ahead.grant(.content, of: alice, method: .api)
        #expect(try await ahead.verifyAudit()?.problems == [])
        let text = String(
            decoding: try #require(try test.files(in: path)["audit.log"]),
            as: UTF8.self
        )
        #expect(text.contains(" gap - from=2 to=4 "))
        await ahead.checkpointAndClose()
    }

    @Test("a log that is gone, cut off or replaced is said at the start, and put aside untouched")
    func damaged() async throws {
        let test = try await TestStore.withDecisions()
        let files = try test.files()
        let log = try #require(files["audit.log"])
        let other = try #require(try await TestStore.withDecisions().files()["audit.log"])
        let damages: [Data?] = [
            nil, Data(), log.prefix(300), log.prefix(log.count - 1), other,
            log.prefix(log.count - 20) + Data(repeating: 48, count: 20),
        ]
        for damage in damages {
            var changed = files
            changed["audit.log"] = damage
            let path = try test.place(changed, as: "damaged")
            let store = try await test.open(directory: path)
            #expect(store.auditDamage != nil)
            #expect(try await store.value("note", of: alice) == "a secret note")
            #expect(try await store.verifyAudit()?.problems.isEmpty == false)
            try await store.grant(.content, of: alice, method: .api)
            await store.checkpointAndClose()
            #expect(try test.files(in: path)["audit.log.broken.1"] == damage)
            // The new one goes on, and goes on to say what is missing.
            let again = try await test.open(directory: path)
            #expect(again.auditDamage == nil)
            let report = try #require(try await again.verifyAudit())
            #expect(report.problems.count == 1)
            #expect(report.problems.first?.message.contains("are missing") == true)
            #expect(report.checkpoint != nil)
            await again.checkpointAndClose()
        }
    }

    @Test("what cannot be entered is not done")
    func refusesWithoutEntry() async throws {
        let test = try TestStore()
        let store = try await test.open()
        try FileManager.default.createDirectory(
            atPath: test.directory + "/audit.log",
            withIntermediateDirectories: false
        )
        await #expect(throws: StoreError.self) {
            try await store.grant(.content, of: alice, method: .api)
        }
        #expect(try await store.consents(of: alice).isEmpty)
        await #expect(throws: StoreError.self) { try await store.enter(.admin("x", by: "p-a")) }
        try FileManager.default.removeItem(atPath: test.directory + "/audit.log")
        try await store.grant(.content, of: alice, method: .api)
        #expect(try await store.verifyAudit()?.problems == [])
        await store.checkpointAndClose()
    }

    @Test("a folder that could not be synced when the log was made is synced at the next try")
    func namedLater() async throws {
        let test = try TestStore()
        let store = try await test.open()
        let folder = store.directory.folder.descriptor
        // O_PATH, which Glibc's module leaves out: names can be made through it, and it cannot be synced.
        let path: Int32 = 0o10000000
        let whole = dup(folder)
        let barred = unsafe open(test.directory, path | O_DIRECTORY)
        dup2(barred, folder)
        await #expect(throws: StoreError.self) {
            try await store.grant(.content, of: alice, method: .api)
        }
        dup2(whole, folder)
        close(whole)
        close(barred)
        try await store.grant(.content, of: alice, method: .api)
        #expect(try await store.verifyAudit()?.problems == [])
        await store.checkpointAndClose()
    }

    @Test("an erasure that a crash cut short is finished at the start, and entered")
    func erasureFinished() async throws {
        let test = try TestStore()
        let store = try await test.open()
        for user in [alice, bob] { try await store.set("tone", "casual", of: user) }
        let before = try test.files()
        try await store.forget(bob)
        var crashed = before
        crashed["keyring"] = TestStore.keyring(
            try test.files()["keyring"],
            markedAs: before["keyring"]
        )
        await store.checkpointAndClose()
        // The key is gone; rows, database and log do not know.
        _ = try test.place(crashed, as: "state")
        for _ in 0..<2 {
            let again = try await test.open()
            #expect(try await again.verifyAudit()?.problems == [])
            #expect(try await again.profile(of: bob) == .unknown)
            await again.checkpointAndClose()
        }
        let finished = try test.auditEntries().filter { $0.kind == "erasure-finished" }
        #expect(finished.map { $0.detail("users") } == ["1"])
    }

    @Test("a restored store goes on with the host's log, and says what the backup does not know")
    func restored() async throws {
        let setting = try await BackupSetting(try await TestStore.withDecisions())
        let backup = try await setting.backup()
        #expect(backup[.audit] != nil)
        try await setting.store.grant(.content, of: alice, method: .api)
        try await setting.store.forget(alice)
        _ = try await setting.desk.stage(try await setting.send(backup))
        let before = try setting.test.auditEntries().map(\.hash)
        let (store, restored) = try await setting.restart()
        #expect(restored?.erased == 1)
        #expect(store.auditDamage == nil)
        #expect(try await store.verifyAudit()?.problems == [])
        try await store.grant(.content, of: bob, method: .api)
        #expect(try await store.verifyAudit()?.problems == [])
        await store.checkpointAndClose()
        let after = try setting.test.auditEntries()
        #expect(after.map(\.hash).starts(with: before))
        #expect(after.contains { $0.kind == "gap" })
        #expect(try setting.test.names().allSatisfy { !$0.contains("broken") })
    }

    @Test("a store restored on another host brings its log along")
    func restoredElsewhere() async throws {
        let setting = try await BackupSetting(try await TestStore.withDecisions())
        let backup = try await setting.backup()
        await setting.store.checkpointAndClose()
        let elsewhere = try TestStore()
        let key = try Data(contentsOf: URL(fileURLWithPath: setting.test.keyPath))
        try TestStore.write([UInt8](key), to: elsewhere.keyPath)
        let other = try await BackupSetting(elsewhere)
        try await other.store.grant(.content, of: bob, method: .api)
        _ = try await other.desk.stage(try await other.send(backup))
        let (store, _) = try await other.restart()
        #expect(store.auditDamage == nil)
        #expect(try await store.verifyAudit()?.problems == [])
        #expect(try await store.value("note", of: alice) == "a secret note")
        await store.checkpointAndClose()
        #expect(try elsewhere.names().contains("audit.log.broken.1"))
    }

    @Test("a store from before there was a log gets one")
    func older() async throws {
        let test = try TestStore()
        try await test.withStore { try await $0.set("tone", "casual", of: alice) }
        let queue = try DatabaseQueue(path: test.directory + "/prefd.db")
        let codes: Authenticator
        do {
            let directory = try StateDirectory(test.directory)
            let master = try MasterKey.load(file: test.keyPath)
            codes = DatabaseState.codes(
                try Keyring.open(in: directory, master: master).keyring.audit
            )
        }
        try await queue.write { db in
            var state = try #require(try DatabaseState.fetch(db, codes: codes))
            state.audit = .none
            try state.save(db, codes: codes)
            for column in ["audit_sequence", "audit_hash", "audit_end"] {
                try db.execute(sql: "ALTER TABLE state DROP COLUMN \(column)")
            }
            try db.execute(sql: "PRAGMA user_version = 1")
        }
        try queue.close()
        try FileManager.default.removeItem(atPath: test.directory + "/audit.log")
        for _ in 0..<2 {
            let store = try await test.open()
            #expect(store.auditDamage == nil)
            #expect(try await store.value("tone", of: alice) == "casual")
            #expect(try await store.verifyAudit()?.problems == [])
            await store.checkpointAndClose()
        }
        try await test.withStore { try await $0.grant(.content, of: alice, method: .api) }
        #expect(try test.auditEntries().map(\.kind) == ["consent-granted", "checkpoint"])
    }
}
