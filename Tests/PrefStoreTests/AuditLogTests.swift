import Foundation
import GRDB
import PrefModel
import Synchronization
import Testing

@testable import PrefStore

@Suite("The audit log")
struct AuditLogTests {
    private func entries(_ test: TestStore) throws -> [AuditEntry] {
        let data = try Data(contentsOf: URL(fileURLWithPath: test.directory + "/audit.log"))
        return String(decoding: data, as: UTF8.self).split(separator: "\n")
            .compactMap { AuditEntry(String($0)) }
    }

    /// A closed store in which a few things were decided.
    private func decided() async throws -> TestStore {
        let test = try TestStore()
        try await test.withStore { store in
            try await store.set("note", "a secret note", of: alice)
            try await store.grant(
                .signalsExplicit,
                of: alice,
                method: .api,
                retentionSeconds: 86_400
            )
            try await store.withdraw(.signalsExplicit, of: alice)
            try await store.set("note", "again", of: bob)
            try await store.forget(bob)
            try await store.enter(.admin("user-show", by: "p-admin", subject: "p-user"))
        }
        return test
    }

    @Test("has an entry for every change of consent, erasure and admin's act, and nothing else")
    func contents() async throws {
        let test = try await decided()
        let entries = try entries(test)
        #expect(
            entries.map(\.kind).filter { $0 != "checkpoint" } == [
                "consent-granted", "consent-granted", "consent-withdrawn", "consent-granted",
                "user-erased", "admin-action",
            ]
        )
        #expect(entries.map(\.sequence) == Array(1...UInt64(entries.count)))
        #expect(entries.first?.detail("scope") == "preferences")
        #expect(entries[1].detail("retention") == "86400")
        let (of, consents, text) = try await test.withStore { store in
            (
                store.pseudonym(of: alice), try await store.consents(of: alice),
                String(decoding: try #require(try test.files()["audit.log"]), as: UTF8.self)
            )
        }
        #expect(entries[0].text.split(separator: " ")[3] == of)
        #expect(entries[1].detail("receipt") == consents.first { $0.scope == .signalsExplicit }?.id)
        for word in ["secret", "again", "uid", "1000", "1001"] { #expect(!text.contains(word)) }
        // What is set, read and learned leaves no entry.
        try await test.withStore { store in
            try await store.set("note", "once more", of: alice)
            _ = try await store.export(of: alice)
            try await store.forget(.user(uid: 77))
        }
        #expect(try self.entries(test).count == entries.count)
    }

    @Test("verifies, and says where it stands")
    func verifies() async throws {
        let test = try await decided()
        let count = try entries(test).count
        try await test.withStore { store in
            let report = try #require(try await store.verifyAudit())
            #expect(report.problems == [] && report.entries == count)
            #expect(report.publicKey == store.auditKey)
            let head = report.head
            try await store.grant(.content, of: alice, method: .api)
            let later = try #require(try await store.verifyAudit(checkpoint: head))
            #expect(later.problems == [] && later.head != head)
            for wrong in ["", "1", "1:", "x:\(String(repeating: "0", count: 64))", "01:" + head] {
                #expect(try await store.verifyAudit(checkpoint: wrong) == nil)
            }
            #expect(store.auditDamage == nil)
        }
    }

    @Test("checkpoints are told as they are made: with every erasure and act, and at the end")
    func checkpoints() async throws {
        let test = try TestStore()
        let heads = Shared<[String]>([])
        let store = try await Store.open(
            directory: test.directory,
            key: MasterKey.load(file: test.keyPath),
            onCheckpoint: { head in heads.update { $0.append(head.spelling) } }
        )
        try await store.set("tone", "casual", of: alice)
        #expect(heads.current.isEmpty)
        try await store.forget(alice)
        #expect(heads.current.count == 1)
        for number in 0..<70 as Range<UInt32> {
            try await store.set("tone", "casual", of: .user(uid: number))
        }
        #expect(heads.current.count == 2)
        await store.checkpointAndClose()
        #expect(heads.current.count == 3)
        let again = try await test.open()
        for head in heads.current {
            #expect(try await again.verifyAudit(checkpoint: head)?.problems == [])
        }
        await again.checkpointAndClose()
        #expect(try entries(test).last?.kind == "checkpoint")
    }

    @Test("any flipped bit is found, at whatever byte, and so is a cut at any")
    func flips() async throws {
        let test = try await decided()
        let store = try await test.open()
        let (mark, signer) = (store.writes.audit.mark, store.writes.audit.signer)
        await store.checkpointAndClose()
        let log = [UInt8](try #require(try test.files()["audit.log"]))
        let verification = AuditVerification(signer: signer, mark: mark)
        #expect(try verification.run(log, size: log.count).problems.isEmpty)
        var missed = 0
        for place in log.indices {
            var changed = log
            changed[place] ^= 1 << UInt8(place % 8)
            if try verification.run(changed, size: log.count).problems.isEmpty { missed += 1 }
            let cut = Array(log[..<place])
            if try verification.run(cut, size: cut.count).problems.isEmpty { missed += 1 }
        }
        #expect(missed == 0 && log.count > 1_000)
    }

    @Test(
        "entries taken out, exchanged, repeated, made up or signed by another are found and named"
    )
    func edits() async throws {
        let test = try await decided()
        let store = try await test.open()
        let (mark, signer) = (store.writes.audit.mark, store.writes.audit.signer)
        await store.checkpointAndClose()
        let log = String(decoding: try #require(try test.files()["audit.log"]), as: UTF8.self)
        let lines = log.split(separator: "\n").map { "\($0)\n" }
        let verification = AuditVerification(signer: signer, mark: mark)
        func problems(_ lines: [String]) throws -> [AuditReport.Problem] {
            let bytes = Array(lines.joined().utf8)
            return try verification.run(bytes, size: bytes.count).problems
        }
        for index in lines.indices {
            var without = lines
            without.remove(at: index)
            let isLast = index == lines.count - 1
            let found = try problems(without)
            #expect(found.first?.line == (isLast ? nil : index + 1))
            #expect(found.first?.message.contains("entry \(index + 1) is missing") == true)
            var repeated = lines
            repeated.insert(lines[index], at: index)
            #expect(try problems(repeated).first?.line == index + 2)
            if index > 0 {
                var swapped = lines
                swapped.swapAt(index - 1, index)
                #expect(try problems(swapped).first?.line == index)
            }
        }
        // One who can compute hashes: the whole chain anew behind a changed entry, no signature.
        var head = AuditHead.none
        var forged: [String] = []
        for line in lines {
            let entry = try #require(AuditEntry(String(line.dropLast())))
            let kind = AuditAction.Kind(rawValue: entry.kind) ?? .gap
            let made = AuditEntry.line(AuditAction(kind, ["forged": "1"]), after: head, at: Date())
            forged.append(made.line)
            head = made.head
        }
        #expect(try problems(forged).contains { $0.message.contains("not signed") })
        #expect(
            try problems(forged).contains { $0.message.contains("not the one that prefd wrote") }
        )
        let more = AuditEntry.line(AuditAction(.gap), after: mark.head, at: Date()).line
        #expect(try problems(lines + [more]).map(\.message).contains { $0.contains("more") })
        let stranger = try await TestStore().open()
        let other = AuditVerification(signer: stranger.writes.audit.signer, mark: mark)
        await stranger.checkpointAndClose()
        #expect(try !other.run(Array(log.utf8), size: log.utf8.count).problems.isEmpty)
    }

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
        let test = try await decided()
        let files = try test.files()
        let log = try #require(files["audit.log"])
        let other = try #require(try await decided().files()["audit.log"])
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

    @Test("everything rolled back together looks right from inside, and a checkpoint tells")
    func rolledBack() async throws {
        let test = try await decided()
        let before = try test.files()
        let checkpoint = try await test.withStore { store -> String in
            try await store.forget(alice)
            return try #require(try await store.verifyAudit()?.checkpoint)
        }
        _ = try test.place(before, as: "state")
        try await test.withStore { store in
            #expect(store.auditDamage == nil)
            #expect(try await store.verifyAudit()?.problems == [])
            let report = try #require(try await store.verifyAudit(checkpoint: checkpoint))
            #expect(report.problems.first?.message.contains("replaced by an older one") == true)
            // Others were written since: the number is there, and it is another entry.
            for number in 0..<9 as Range<UInt32> {
                try await store.set("tone", "casual", of: .user(uid: number))
            }
            let later = try #require(try await store.verifyAudit(checkpoint: checkpoint))
            #expect(later.problems.first?.message.contains("was replaced") == true)
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
        let finished = try entries(test).filter { $0.kind == "erasure-finished" }
        #expect(finished.map { $0.detail("users") } == ["1"])
    }

    @Test("a receipt leads to its entry")
    func receipts() async throws {
        let test = try await decided()
        try await test.withStore { store in
            let receipt = try await store.forget(alice)
            let entry = try #require(try await store.auditEntry(of: receipt))
            let log = try entries(test)
            #expect(log[entry - 1].kind == "user-erased")
            #expect(log[entry - 1].detail("receipt") == receipt.id)
            let nothing = try await store.forget(alice)
            #expect(store.verify(nothing))
            #expect(try await store.auditEntry(of: nothing) == nil)
        }
    }

    @Test("a restored store goes on with the host's log, and says what the backup does not know")
    func restored() async throws {
        let setting = try await BackupSetting(try await decided())
        let backup = try await setting.backup()
        #expect(backup[.audit] != nil)
        try await setting.store.grant(.content, of: alice, method: .api)
        try await setting.store.forget(alice)
        _ = try await setting.desk.stage(try await setting.send(backup))
        let before = try entries(setting.test).map(\.hash)
        let (store, restored) = try await setting.restart()
        #expect(restored?.erased == 1)
        #expect(store.auditDamage == nil)
        #expect(try await store.verifyAudit()?.problems == [])
        try await store.grant(.content, of: bob, method: .api)
        #expect(try await store.verifyAudit()?.problems == [])
        await store.checkpointAndClose()
        let after = try entries(setting.test)
        #expect(after.map(\.hash).starts(with: before))
        #expect(after.contains { $0.kind == "gap" })
        #expect(try setting.test.names().allSatisfy { !$0.contains("broken") })
    }

    @Test("a store restored on another host brings its log along")
    func restoredElsewhere() async throws {
        let setting = try await BackupSetting(try await decided())
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
        #expect(try entries(test).map(\.kind) == ["consent-granted", "checkpoint"])
    }
}

extension AuditVerification {
    /// Reads a log of one file.
    fileprivate func run(_ bytes: [UInt8], size: Int) throws(StoreError) -> AuditReport {
        try run([(name: AuditLog.name, bytes: { () throws(StoreError) in bytes })], size: size)
            .report
    }
}
