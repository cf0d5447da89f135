import Foundation
import GRDB
import PrefModel
import Testing

@testable import PrefStore

@Suite("Backups")
struct BackupTests {
    @Test("are of one moment, while writes go on")
    func underLoad() async throws {
        let setting = try await BackupSetting(TestStore())
        let store = setting.store
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 as Range<UInt32> {
                group.addTask {
                    var number: UInt32 = 0
                    while !Task.isCancelled {
                        let user = Principal.user(uid: writer * 1_000 + number % 50)
                        _ = try await store.set("tone", "t\(number)", of: user)
                        if number % 9 == 8 { try await store.forget(user) }
                        number += 1
                    }
                }
            }
            for _ in 0..<5 {
                let files = try await setting.backup()
                let summary = try await setting.desk.verify(setting.send(files))
                #expect(summary.users == summary.preferences)
            }
            group.cancelAll()
            try await group.waitForAll()
        }
        await store.checkpointAndClose()
    }

    @Test(
        "that were cut, changed, mixed up or left incomplete are refused",
        arguments: [.manifest, .audit] + BackupPart.single
    )
    func damage(part: BackupPart) async throws {
        let setting = try await BackupSetting(TestStore())
        try await setting.store.fill(alice)
        _ = try await setting.store.keepPopulation(Array("{}".utf8), after: nil)
        try await setting.store.fill(bob)
        try await setting.store.forget(bob)
        let files = try await setting.backup()
        let whole = try #require(files[part])
        try await setting.store.fill(alice)
        let other = try #require(try await setting.backup()[part])
        let before = try await setting.store.export(of: alice)

        var bad: [[UInt8]?] = [nil, Array(whole.dropLast(2)), whole + [0], []]
        if other != whole { bad.append(other) }
        for _ in 0..<4 {
            var flipped = whole
            flipped[Int.random(in: 0..<whole.count)] ^= 1 << UInt8.random(in: 0..<8)
            bad.append(flipped)
        }
        for bytes in bad {
            var changed = files
            changed[part] = bytes
            let id = try await setting.send(changed)
            await #expect(throws: BackupError.self, "\(part), \(bytes?.count ?? -1) bytes") {
                try await setting.desk.stage(id)
            }
        }
        let (store, restored) = try await setting.restart()
        #expect(restored == nil)
        #expect(try await store.export(of: alice) == before)
        await store.checkpointAndClose()
    }

    @Test("of another key or a newer schema are refused, and nothing is touched")
    func foreign() async throws {
        let setting = try await BackupSetting(TestStore())
        try await setting.store.fill(alice)
        let stranger = try await BackupSetting(TestStore())
        try await stranger.store.fill(bob)
        let foreign = try await stranger.backup()
        await stranger.store.checkpointAndClose()
        let id = try await setting.send(foreign)
        await #expect(throws: BackupError.otherKey) { try await setting.desk.stage(id) }

        let name = try setting.test.place([:], as: "newer")
        let manifest = try await setting.store.backUp(into: BackupFolder(name))
        let database = try DatabaseQueue(path: name + "/prefd.db")
        try await database.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA user_version = 99")
        }
        try database.close()
        let parts = try manifest.parts.map { part in
            try #require(try BackupFolder(name).digest(of: part.name))
        }
        let newer = BackupManifest(
            at: manifest.createdAt,
            database: setting.store.keyring.database,
            parts: parts,
            audit: setting.store.keyring.audit
        )
        var files: [BackupPart: [UInt8]] = [.manifest: [UInt8](try PrefJSON.encode(newer))]
        for part in parts {
            files[part.name] = [UInt8](
                try Data(contentsOf: URL(fileURLWithPath: name + "/" + part.name.rawValue))
            )
        }
        let second = try await setting.send(files)
        await #expect(
            throws: BackupError.newer(part: "database", version: 99, supported: Schema.version)
        ) { try await setting.desk.stage(second) }
        #expect(try await !setting.desk.cancelRestore())
        #expect(try await setting.store.value("tone", of: alice) == "casual")
        await setting.store.checkpointAndClose()
    }

    @Test("transfers end with the next one, and know only a backup's own files")
    func transfers() async throws {
        let setting = try await BackupSetting(TestStore())
        try await setting.store.fill(alice)
        let (first, _) = try await setting.desk.create()
        let (second, _) = try await setting.desk.create()
        await #expect(throws: BackupError.unknownTransfer) {
            try await setting.desk.read(.keyring, of: first, at: 0)
        }
        await #expect(throws: BackupError.notAPart) {
            try await setting.desk.write([1], to: .keyring, of: second, at: 0)
        }
        await #expect(throws: BackupError.unknownTransfer) { try await setting.desk.stage(second) }
        let third = try await setting.desk.receive()
        await #expect(throws: BackupError.missing) { try await setting.desk.verify(third) }
        await #expect(throws: BackupError.unknownTransfer) { try await setting.desk.verify(third) }
        try await setting.desk.discard(second)
        #expect(try setting.test.names().filter { $0.hasPrefix("backup") } == [])
        await setting.store.checkpointAndClose()
    }

    @Test("a ledger of erasures that was changed is noticed at the start")
    func ledgerIsAuthentic() async throws {
        let setting = try await BackupSetting(TestStore())
        try await setting.store.fill(alice)
        try await setting.store.forget(alice)
        try await setting.store.fill(bob)
        try await setting.store.withdraw(.content, of: bob)
        await setting.store.checkpointAndClose()
        let path = setting.test.directory + "/erasures"
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        #expect(whole.count == 2 * ErasureRecord.byteCount)
        for place in [0, 30, 50, 64, 100] {
            var changed = whole
            changed[place] ^= 4
            try TestStore.write(changed, to: path)
            await #expect(throws: StoreError.erasuresDamaged(directory: setting.test.directory)) {
                _ = try await setting.test.open()
            }
        }
        // What a power cut leaves of the last record is no damage.
        try TestStore.write(whole + [UInt8](repeating: 0, count: 64), to: path)
        try await setting.test.withStore { _ in }
        try TestStore.write(Array((whole + whole).prefix(150)), to: path)
        try await setting.test.withStore { try await $0.withdraw(.preferences, of: bob) }
        let grown = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(grown.count == 3 * ErasureRecord.byteCount && grown.starts(with: whole))
    }
}
