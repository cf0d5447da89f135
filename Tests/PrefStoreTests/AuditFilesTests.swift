import Foundation
import PrefModel
import Testing

@testable import PrefStore

@Suite("The audit log's files")
struct AuditFilesTests {
    private let small = StoreLimits(auditBytes: 2_000, auditFiles: 1_000)
    private let few = StoreLimits(auditBytes: 2_000, auditFiles: 2)

    private func enter(_ count: Int, in store: Store) async throws {
        for number in 0..<count {
            try await store.enter(.admin("user-show", by: "p-admin", subject: "p-\(number)"))
        }
    }

    /// The log's files, the oldest first, each with its entries.
    private func files(_ test: TestStore) throws -> [(name: String, entries: [AuditEntry])] {
        func number(_ name: String) -> Int { Int(name.dropFirst("audit.log.".count)) ?? .max }
        let names = try test.names().filter { $0.hasPrefix("audit.log") }
        return try names.sorted { number($0) < number($1) }.map { name in
            let path = test.directory + "/" + name
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            return (name, lines.compactMap { AuditEntry(String($0)) })
        }
    }

    @Test("each ends signed, the next goes on from it, and all of them verify together")
    func goesOn() async throws {
        let test = try TestStore()
        for _ in 0..<2 {
            let store = try await test.open(limits: small)
            try await enter(40, in: store)
            let report = try #require(try await store.verifyAudit())
            #expect(report.problems == [] && report.first == 1)
            #expect(store.auditDamage == nil)
            await store.checkpointAndClose()
        }
        let files = try files(test)
        #expect(files.count > 5 && files.last?.name == "audit.log")
        #expect(files.first?.name == "audit.log.1")
        let all = files.flatMap(\.entries)
        #expect(all.map(\.sequence) == Array(1...UInt64(all.count)))
        #expect(files.allSatisfy { $0.entries.last?.kind == "checkpoint" })
        for (before, after) in zip(files, files.dropFirst()) {
            let first = try #require(after.entries.first)
            #expect(first.kind == "continued" && first.detail("from") == "1")
            #expect(first.detail("after") == before.entries.last?.head.spelling)
        }
        // A checkpoint and a receipt are found in whichever file they are.
        let store = try await test.open(limits: small)
        let old = try #require(files.first?.entries.last?.head.spelling)
        #expect(try await store.verifyAudit(checkpoint: old)?.problems == [])
        try await store.set("tone", "casual", of: alice)
        let receipt = try await store.forget(alice)
        let entry = try #require(try await store.auditEntry(of: receipt))
        try await enter(40, in: store)
        #expect(try await store.auditEntry(of: receipt) == entry)
        await store.checkpointAndClose()
    }

    @Test("only so many are kept, and the log says from which entry on")
    func letGo() async throws {
        let test = try TestStore()
        let store = try await test.open(limits: few)
        try await enter(10, in: store)
        let early = try #require(try await store.verifyAudit()?.checkpoint)
        try await enter(90, in: store)
        let kept = try files(test)
        #expect(kept.count == 3)
        let first = try #require(kept.first?.entries.first)
        let report = try #require(try await store.verifyAudit())
        #expect(report.problems == [] && report.first == first.sequence && first.sequence > 1)
        #expect(kept.last?.entries.first?.detail("from") == String(first.sequence))
        let told = try #require(try await store.verifyAudit(checkpoint: early))
        #expect(told.problems.map(\.message).allSatisfy { $0.contains("let go") })
        #expect(told.problems.count == 1)
        await store.checkpointAndClose()
    }

    @Test("one that is gone, cut, changed or exchanged is found, and named")
    func damaged() async throws {
        let test = try TestStore()
        let store = try await test.open(limits: few)
        try await enter(100, in: store)
        await store.checkpointAndClose()
        let names = try files(test).map(\.name)
        let (oldest, newest) = (names[0], names[1])
        func problems(_ change: (inout [String: Data]) -> Void) async throws -> [String] {
            var files = try test.files()
            change(&files)
            let copy = try await test.open(
                directory: try test.place(files, as: "copy"),
                limits: few
            )
            let found = try await copy.verifyAudit()?.problems.map(\.message) ?? []
            await copy.checkpointAndClose()
            return found
        }
        #expect(try await problems { _ in } == [])
        let gone = try await problems { $0[oldest] = nil }
        #expect(gone.count == 1 && gone[0].contains("prefd has not let them go"))
        #expect(try await problems { $0[newest] = nil }.first?.contains("are missing") == true)
        for name in [oldest, newest] {
            let data = try #require(try test.files()[name])
            let cut = try await problems { $0[name] = data.prefix(500) }
            #expect(cut.first?.contains("\(name): this line is no entry") == true)
            for place in stride(from: 0, to: data.count, by: 97) {
                var changed = data
                changed[place] ^= 1 << UInt8(place % 8)
                #expect(try await problems { $0[name] = changed }.isEmpty == false)
            }
        }
        let exchanged = try await problems {
            ($0[oldest], $0[newest]) = ($0[newest], $0[oldest])
        }
        #expect(!exchanged.isEmpty)
    }

    @Test("a crash at any moment of the change of files opens, goes on and verifies")
    func torn() async throws {
        let test = try TestStore()
        let store = try await test.open(limits: small)
        // Until the file is full, and what is entered next begins another.
        while store.writes.audit.mark.end < 2_000 { try await enter(1, in: store) }
        let before = try test.files()
        try await enter(1, in: store)
        let after = try test.files()
        await store.checkpointAndClose()
        let whole = try #require(after["audit.log"])
        #expect(before["audit.log"] == after["audit.log.1"] && before["audit.log.1"] == nil)
        var crashes: [Data?] = stride(from: 0, through: whole.count, by: 11).map {
            whole.prefix($0)
        }
        crashes += [nil, Data(count: whole.count)]
        for (number, crash) in crashes.enumerated() {
            var files = before
            files["audit.log.1"] = before["audit.log"]
            files["audit.log"] = crash
            let path = try test.place(files, as: "torn-\(number)")
            let copy = try await test.open(directory: path, limits: small)
            #expect(copy.auditDamage == nil)
            #expect(try await copy.verifyAudit()?.problems == [])
            try await enter(30, in: copy)
            #expect(try await copy.verifyAudit()?.problems == [])
            await copy.checkpointAndClose()
            let again = try await test.open(directory: path, limits: small)
            #expect(again.auditDamage == nil)
            #expect(try await again.verifyAudit()?.problems == [])
            await again.checkpointAndClose()
        }
    }

    @Test("a database restored from before they were changed goes on behind the newest of them")
    func restored() async throws {
        let test = try TestStore()
        let setting = try await BackupSetting(test, limits: small)
        let store = setting.store
        try await enter(5, in: store)
        let backup = try await setting.backup()
        try await enter(60, in: store)
        _ = try await setting.desk.stage(try await setting.send(backup))
        await store.checkpointAndClose()
        let written = try files(test).flatMap(\.entries).map(\.hash)
        #expect(try await test.finishRestore() != nil)
        let back = try await test.open(limits: small)
        #expect(back.auditDamage == nil)
        #expect(try await back.verifyAudit()?.problems == [])
        try await enter(1, in: back)
        #expect(try await back.verifyAudit()?.problems == [])
        await back.checkpointAndClose()
        let all = try files(test).flatMap(\.entries)
        #expect(all.map(\.hash).starts(with: written) && all.contains { $0.kind == "gap" })
    }

    @Test(
        "go along to another host with a backup, also where a crash cuts that short",
        arguments: [nil, 0, 1, 3] as [Int?]
    )
    func restoredElsewhere(moved: Int?) async throws {
        let setting = try await BackupSetting(try TestStore(), limits: small)
        try await enter(60, in: setting.store)
        let backup = try await setting.backup()
        await setting.store.checkpointAndClose()
        let written = try files(setting.test)
        #expect(written.count > 5 && backup.keys.contains { $0.rawValue == "audit.log.1" })

        let elsewhere = try TestStore()
        let key = try Data(contentsOf: URL(fileURLWithPath: setting.test.keyPath))
        try TestStore.write([UInt8](key), to: elsewhere.keyPath)
        let other = try await BackupSetting(elsewhere, limits: small)
        try await enter(40, in: other.store)
        _ = try await other.desk.stage(try await other.send(backup))
        await other.store.checkpointAndClose()
        let own = try files(elsewhere).count
        if let moved {
            // As far as a crash may have left it: the host's put aside, and some of the backup's moved.
            do {
                let restoration = try Restoration(in: elsewhere.directory)
                _ = try await restoration.prepare(elsewhere.source.load())
                try restoration.commit()
            }
            try AuditLog.putAside(in: StateDirectory(elsewhere.directory))
            let folder = elsewhere.directory + "/restoring/"
            try TestStore.write([], to: folder + "adopting")
            for (name, _) in written.prefix(moved) {
                try FileManager.default.moveItem(
                    atPath: folder + name,
                    toPath: elsewhere.directory + "/" + name
                )
            }
        }
        #expect(try await elsewhere.finishRestore() != nil)
        let back = try await elsewhere.open(limits: small)
        #expect(back.auditDamage == nil)
        let report = try #require(try await back.verifyAudit())
        #expect(report.problems == [] && report.first == 1)
        try await enter(40, in: back)
        #expect(try await back.verifyAudit()?.problems == [])
        await back.checkpointAndClose()
        let names = try elsewhere.names()
        #expect(names.count { $0.hasPrefix("audit.log.broken") } == own)
        #expect(!names.contains("restoring") && !names.contains("adopting"))
    }
}
