import Foundation
import PrefModel
import Testing

@testable import PrefStore

@Suite("The audit log")
struct AuditLogTests {
    @Test("has an entry for every change of consent, erasure and admin's act, and nothing else")
    func contents() async throws {
        let test = try await TestStore.withDecisions()
        let entries = try test.auditEntries()
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
        for word in ["secret", "again"] { #expect(!text.contains(word)) }
        // Hashes, signatures, pseudonyms and receipts are random: now and then one spells a user's number.
        let plain = text.replacing(/[0-9a-f]{64,}|\b[a-z]-[a-z2-7]{16,}/, with: "")
        #expect(plain.contains("consent-granted  scope=preferences receipt= "))
        for word in ["uid", "1000", "1001"] { #expect(!plain.contains(word)) }
        // What is set, read and learned leaves no entry.
        try await test.withStore { store in
            try await store.set("note", "once more", of: alice)
            _ = try await store.export(of: alice)
            try await store.forget(.user(uid: 77))
        }
        #expect(try test.auditEntries().count == entries.count)
    }

    @Test("verifies, and says where it stands")
    func verifies() async throws {
        let test = try await TestStore.withDecisions()
        let count = try test.auditEntries().count
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
        #expect(try test.auditEntries().last?.kind == "checkpoint")
    }

    @Test("any flipped bit is found, at whatever byte, and so is a cut at any")
    func flips() async throws {
        let test = try await TestStore.withDecisions()
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
        let test = try await TestStore.withDecisions()
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

    @Test("everything rolled back together looks right from inside, and a checkpoint tells")
    func rolledBack() async throws {
        let test = try await TestStore.withDecisions()
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

    @Test("a receipt leads to its entry")
    func receipts() async throws {
        let test = try await TestStore.withDecisions()
        try await test.withStore { store in
            let receipt = try await store.forget(alice)
            let entry = try #require(try await store.auditEntry(of: receipt))
            let log = try test.auditEntries()
            #expect(log[entry - 1].kind == "user-erased")
            #expect(log[entry - 1].detail("receipt") == receipt.id)
            let nothing = try await store.forget(alice)
            #expect(store.verify(nothing))
            #expect(try await store.auditEntry(of: nothing) == nil)
        }
    }
}

extension AuditVerification {
    /// Reads a log of one file.
    fileprivate func run(_ bytes: [UInt8], size: Int) throws(StoreError) -> AuditReport {
        try run([(name: AuditLog.name, bytes: { () throws(StoreError) in bytes })], size: size)
            .report
    }
}
