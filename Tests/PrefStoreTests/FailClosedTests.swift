import Foundation
import GRDB
import Glibc
import PrefModel
import Testing

@testable import PrefStore

@Suite("What is wrong is said, and nothing is touched")
struct FailClosedTests {
    /// A closed store with two users, and its files.
    private func closedStore() async throws -> (TestStore, [String: Data]) {
        let test = try TestStore()
        try await test.withStore { store in
            try await store.set("tone", "casual", of: alice)
            try await store.set("tone", "formal", of: bob)
        }
        return (test, try test.files())
    }

    private func refusal(_ test: TestStore, directory: String) async throws -> StoreError? {
        let before = try test.files(in: directory)
        do {
            let store = try await test.open(directory: directory)
            await store.checkpointAndClose()
            return nil
        } catch let error as StoreError {
            #expect(try test.files(in: directory) == before, "files were touched")
            return error
        }
    }

    @Test("a wrong key refuses, with a log beside the database and without")
    func wrongKey() async throws {
        let test = try TestStore()
        let store = try await test.open()
        try await store.set("tone", "casual", of: alice)
        let running = try test.place(test.files(), as: "running")
        await store.checkpointAndClose()
        try TestStore.write(.random(count: 32), to: test.keyPath)
        for directory in [running, test.directory] {
            let error = try await refusal(test, directory: directory)
            #expect(error == .wrongKey(directory: directory))
            #expect(error?.isKeyProblem == true)
        }
    }

    @Test("a missing keyring, a missing database and two that do not belong together")
    func missing() async throws {
        let (test, files) = try await closedStore()
        let noKeyring = try test.place(files.filter { $0.key != "keyring" }, as: "a")
        #expect(
            try await refusal(test, directory: noKeyring) == .keyringMissing(directory: noKeyring)
        )
        let noDatabase = try test.place(files.filter { $0.key == "keyring" }, as: "b")
        #expect(
            try await refusal(test, directory: noDatabase)
                == .databaseMissing(directory: noDatabase)
        )
        var empty = files
        empty["prefd.db"] = Data()
        let emptied = try test.place(empty, as: "c")
        #expect(try await refusal(test, directory: emptied) == .databaseMissing(directory: emptied))

        let other = try TestStore()
        try TestStore.write(
            [UInt8](Data(contentsOf: URL(fileURLWithPath: test.keyPath))),
            to: other.keyPath
        )
        try await other.withStore { try await $0.set("tone", "casual", of: alice) }
        var mixed = files
        mixed["keyring"] = try other.files()["keyring"]
        let path = try test.place(mixed, as: "d")
        let error = try #require(try await refusal(test, directory: path))
        #expect(error.isKeyProblem)
    }

    @Test("a newer schema and a newer keyring are refused")
    func newer() async throws {
        let (test, files) = try await closedStore()
        let path = try test.place(files, as: "newer")
        do {
            let queue = try DatabaseQueue(path: path + "/prefd.db")
            try await queue.writeWithoutTransaction {
                try $0.execute(sql: "PRAGMA user_version = 99")
            }
            try queue.close()
        }
        #expect(
            try await refusal(test, directory: path)
                == .schemaNewer(version: 99, supported: Schema.version)
        )
        var newer = files
        newer["keyring"]?[8] = 9
        let keyring = try test.place(newer, as: "keyring-newer")
        #expect(
            try await refusal(test, directory: keyring) == .keyringNewer(version: 9, supported: 1)
        )
    }

    @Test("a newer schema that is still in the log is refused untouched as well")
    func newerInLog() async throws {
        let test = try TestStore()
        let store = try await test.open()
        try await store.set("tone", "casual", of: alice)
        try await store.pool.writeWithoutTransaction {
            try $0.execute(sql: "PRAGMA user_version = 99")
        }
        let path = try test.place(test.files(), as: "newer")
        await store.checkpointAndClose()
        let before = try test.files(in: path)
        await #expect(throws: StoreError.schemaNewer(version: 99, supported: Schema.version)) {
            try await test.open(directory: path)
        }
        let after = try test.files(in: path)
        for name in Set(before.keys).union(after.keys) {
            #expect(before[name] == after[name], "\(name) was touched")
        }
    }

    @Test("a database that is none, or another program's, is refused")
    func foreignDatabase() async throws {
        let (test, files) = try await closedStore()
        var noise = files
        noise["prefd.db"] = Data([UInt8].random(count: 50_000))
        let path = try test.place(noise, as: "noise")
        guard case .databaseDamaged = try await refusal(test, directory: path) else {
            Issue.record("noise was taken for a database")
            return
        }
        let foreign = try test.place(files, as: "foreign")
        do {
            let queue = try DatabaseQueue(path: foreign + "/prefd.db")
            try await queue.writeWithoutTransaction {
                try $0.execute(sql: "PRAGMA application_id = 1")
            }
            try queue.close()
        }
        guard case .databaseDamaged = try await refusal(test, directory: foreign) else {
            Issue.record("another program's database was taken")
            return
        }
    }

    @Test("a directory or file that others can reach is refused; what is made is not")
    func modes() async throws {
        let (test, files) = try await closedStore()
        let attributes = { (path: String) in
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try attributes(test.directory) == 0o700)
        for name in files.keys { #expect(try attributes(test.directory + "/" + name) == 0o600) }
        let store = try await test.open()
        try await store.set("tone", "neutral", of: alice)
        for name in try test.files().keys {
            #expect(try attributes(test.directory + "/" + name) == 0o600, "\(name)")
        }
        await store.checkpointAndClose()
        for (name, mode) in [("", 0o750), ("", 0o701), ("/keyring", 0o640), ("/prefd.db", 0o604)] {
            let path = try test.place(files, as: "open")
            try FileManager.default.setAttributes(
                [.posixPermissions: mode],
                ofItemAtPath: path + name
            )
            #expect(
                try await refusal(test, directory: path)
                    == .tooOpen(path: path + name, mode: UInt32(mode))
            )
        }
        let keyring = try test.place(files, as: "linked")
        try FileManager.default.moveItem(atPath: keyring + "/keyring", toPath: test.root + "/moved")
        try FileManager.default.createSymbolicLink(
            atPath: keyring + "/keyring",
            withDestinationPath: test.root + "/moved"
        )
        await #expect(throws: StoreError.self) { try await test.open(directory: keyring) }
    }

    @Test("a second prefd on the same directory is refused until the first has closed")
    func lock() async throws {
        let test = try TestStore()
        let store = try await test.open()
        await #expect(throws: StoreError.inUse(directory: test.directory)) { try await test.open() }
        await store.checkpointAndClose()
        let second = try await test.open()
        await second.checkpointAndClose()
    }

    @Test("a directory that cannot be made is said")
    func unusable() async throws {
        let test = try TestStore()
        let error = await #expect(throws: StoreError.self) {
            try await test.open(directory: test.keyPath + "/state")
        }
        guard case .directoryUnusable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
