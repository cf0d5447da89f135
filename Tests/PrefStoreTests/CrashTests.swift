import Foundation
import GRDB
import PrefModel
import Testing

@testable import PrefStore

@Suite("A crash at any moment")
struct CrashTests {
    @Test("what was acknowledged is in the files as they are at that very moment")
    func acknowledgedIsDurable() async throws {
        let test = try TestStore()
        let store = try await test.open()
        for round in 0..<25 {
            let user = Principal.user(uid: UInt32(round % 6))
            try await store.set("note", "round \(round)", of: user)
            if round == 12 { try await store.grant(.signalsExplicit, of: user, method: .api) }
            if round == 18 { try await store.record(signal(), of: .user(uid: 0)) }
            if round == 20 { try await store.forget(.user(uid: 5)) }
            let path = try test.place(test.files(), as: "crashed")
            let copy = try await test.open(directory: path)
            #expect(try await copy.value("note", of: user) == "round \(round)")
            if round >= 20 { #expect(try await copy.signals(of: .user(uid: 0)).count == 1) }
            if round == 20 { #expect(try await copy.export(of: .user(uid: 5)) == .none) }
            try await copy.set("note", "after", of: user)
            await copy.checkpointAndClose()
        }
        await store.checkpointAndClose()
    }

    @Test("a keyring whose last append was cut short opens without it, and takes the next")
    func tornAppend() async throws {
        let test = try TestStore()
        let store = try await test.open()
        try await store.set("note", "kept", of: alice)
        let before = try test.files()
        try await store.set("note", "new", of: bob)
        let after = try test.files()
        await store.checkpointAndClose()
        let whole = try #require(after["keyring"])
        let start = try #require(before["keyring"]).count
        #expect(whole.count == start + 256)
        var torn = [1, 100, 255].map { whole.prefix(start + $0) }
        torn.append(whole.prefix(start) + Data(count: 256))
        torn.append(whole.prefix(start) + Data(count: 256) + Data(count: 90))
        torn.append(whole)
        for keyring in torn {
            // The crash came before the database's commit.
            var files = before
            files["keyring"] = TestStore.keyring(Data(keyring), markedAs: before["keyring"])
            let path = try test.place(files, as: "torn")
            let copy = try await test.open(directory: path)
            #expect(try await copy.value("note", of: alice) == "kept")
            #expect(try await copy.profile(of: bob) == .unknown)
            try await copy.set("note", "again", of: bob)
            await copy.checkpointAndClose()
            let again = try await test.open(directory: path)
            #expect(try await again.value("note", of: bob) == "again")
            await again.checkpointAndClose()
        }
    }

    @Test("a keyring that lost an acknowledged entry is refused, whatever it looks like")
    func lostEntry() async throws {
        let test = try TestStore()
        try await test.withStore { store in
            try await store.set("note", "kept", of: alice)
            try await store.set("note", "kept", of: bob)
        }
        let files = try test.files()
        let keyring = try #require(files["keyring"])
        let count = keyring.count
        let damages: [Data] = [
            keyring.prefix(count - 1), keyring.prefix(count - 256), keyring.prefix(count - 300),
            keyring.prefix(count - 256) + Data(count: 256),
            keyring.prefix(1024) + Data(count: 256) + keyring.dropFirst(1024 + 256),
            keyring.prefix(700), keyring.prefix(100), Data(),
        ]
        for damage in damages {
            var changed = files
            changed["keyring"] = damage
            let path = try test.place(changed, as: "lost")
            let before = try test.files(in: path)
            let error = await #expect(throws: StoreError.self) {
                try await test.open(directory: path)
            }
            #expect(error?.isKeyProblem == true)
            let after = try test.files(in: path)
            #expect(after == before, "files were touched")
        }
    }

    @Test("a crash at any step of the very first start leaves what the next start can use")
    func firstStart() async throws {
        for step in 0..<4 {
            let test = try TestStore()
            do {
                let directory = try StateDirectory(test.directory)
                let key = try MasterKey.load(file: test.keyPath)
                if step == 0 { try TestStore.write([1, 2], to: test.directory + "/keyring.new") }
                if step >= 1 { try Keyring.create(in: directory, master: key, today: 20_000) }
                if step == 2 { try TestStore.write([], to: test.directory + "/prefd.db") }
                if step == 3 { try await DatabaseFile(directory).open().close() }
            }
            try await test.withStore { try await $0.set("tone", "casual", of: alice) }
            let value = try await test.withStore { try await $0.value("tone", of: alice) }
            #expect(value == "casual", "step \(step)")
            #expect(Set(try test.files().keys) == ["audit.log", "keyring", "prefd.db"])
        }
    }

    @Test("the keyring follows a user's writes and is compacted, without losing anyone")
    func compacts() async throws {
        let test = try TestStore()
        for round in 0..<3 {
            try await test.withStore { store in
                for number in 0..<20 as Range<UInt32> {
                    try await store.set("note", "round \(round)", of: .user(uid: number))
                }
            }
        }
        // One slot when a user is new, one more each time the store closes after a write.
        #expect(try #require(try test.files()["keyring"]).count == 1024 + 256 * 20 * 4)
        let store = try await test.open()
        try store.keyring.rewrite(erasing: [])
        #expect(try #require(try test.files()["keyring"]).count == 1024 + 256 * 20)
        try await store.set("note", "last", of: .user(uid: 3))
        await store.checkpointAndClose()
        try await test.withStore { store in
            for number in 0..<20 as Range<UInt32> {
                let value = try await store.value("note", of: .user(uid: number))
                #expect(value == (number == 3 ? "last" : "round 2"))
            }
        }
    }
}
