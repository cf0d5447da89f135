import Foundation
import Glibc
import PrefModel
import PrefStore
import Testing

@Suite("The master key")
struct KeyTests {
    private let bytes: [UInt8] = (0..<32).map { UInt8($0 * 7 % 256) }

    private func load(
        _ content: [UInt8],
        mode: Int = 0o600
    ) throws -> Result<Void, StoreError> {
        let test = try TestStore()
        try TestStore.write(content, to: test.keyPath, mode: mode)
        do throws(StoreError) {
            _ = try MasterKey.load(file: test.keyPath)
            return .success(())
        } catch {
            #expect(error.isKeyProblem)
            #expect(!error.hint.isEmpty)
            return .failure(error)
        }
    }

    @Test("raw bytes, hex and base64 of the same bytes are the same key")
    func spellings() async throws {
        let test = try TestStore()
        let hex = bytes.map { String(format: "%02x", $0) }.joined()
        let base64 = Data(bytes).base64EncodedString()
        let spellings: [[UInt8]] = [
            bytes, Array(hex.utf8), Array((hex.uppercased() + "\n").utf8), Array(base64.utf8),
            Array((base64 + "\n").utf8), Array(base64.dropLast().utf8),
        ]
        for (number, spelling) in spellings.enumerated() {
            try TestStore.write(spelling, to: test.keyPath)
            try await test.withStore { store in
                if number == 0 { try await store.set("tone", "casual", of: alice) }
                #expect(try await store.value("tone", of: alice) == "casual")
            }
        }
    }

    @Test("each thing that can be wrong with a key has its own error")
    func errors() throws {
        let cut: [[UInt8]] = [[], Array(bytes.prefix(31)), Array("0123456789abcdef".utf8)]
        for content in cut {
            guard case .failure(.keyTruncated) = try load(content) else {
                Issue.record("\(content.count) bytes were not reported as cut short")
                continue
            }
        }
        let hex = bytes.map { String(format: "%02x", $0) }.joined()
        for length in [32, 48, 63] {
            guard case .failure(.keyTruncated) = try load(Array(hex.prefix(length).utf8)) else {
                Issue.record("\(length) hex digits were not reported as cut short")
                continue
            }
        }
        let malformed: [[UInt8]] = [
            bytes + [200], Array((hex.dropLast() + "g").utf8), [UInt8](repeating: 0, count: 32),
            Array((hex + "0000").utf8), .random(count: 5_000),
        ]
        for content in malformed {
            guard case .failure(.keyMalformed) = try load(content) else {
                Issue.record("\(content.count) bytes were not reported as malformed")
                continue
            }
        }
        for mode in [0o640, 0o604, 0o644, 0o660, 0o601] {
            guard case .failure(.keyTooOpen(_, let reported)) = try load(bytes, mode: mode) else {
                Issue.record("mode \(mode) was accepted")
                continue
            }
            #expect(Int(reported) == mode)
        }
        #expect(throws: Never.self) { try load(bytes, mode: 0o400).get() }
    }

    @Test("a link, a directory and a missing file are told apart")
    func kinds() throws {
        let test = try TestStore()
        let link = test.root + "/link"
        try FileManager.default.createSymbolicLink(
            atPath: link,
            withDestinationPath: test.keyPath
        )
        #expect(throws: StoreError.keyNotRegularFile(path: link)) { try MasterKey.load(file: link) }
        #expect(throws: StoreError.keyNotRegularFile(path: test.root)) {
            try MasterKey.load(file: test.root)
        }
        let missing = test.root + "/none"
        #expect(throws: StoreError.keyMissing(path: missing)) { try MasterKey.load(file: missing) }
        #expect(throws: StoreError.keyMissing(path: test.root + "/../x")) {
            try MasterKey.load(credential: "../x", directory: test.root)
        }
    }

    @Test("a systemd credential may be readable for its group, and for nobody else")
    func credential() throws {
        let test = try TestStore()
        for mode in [0o400, 0o440] {
            try TestStore.write(bytes, to: test.root + "/prefd.master-key", mode: mode)
            _ = try MasterKey.load(credential: "prefd.master-key", directory: test.root)
        }
        try TestStore.write(bytes, to: test.root + "/prefd.master-key", mode: 0o444)
        #expect(throws: StoreError.self) {
            try MasterKey.load(credential: "prefd.master-key", directory: test.root)
        }
    }

    @Test("another user's key is refused", .enabled(if: geteuid() == 0, "chown needs root"))
    func foreign() throws {
        let test = try TestStore()
        #expect(unsafe chown(test.keyPath, 65_534, 65_534) == 0)
        #expect(throws: StoreError.keyForeignOwner(path: test.keyPath)) {
            try MasterKey.load(file: test.keyPath)
        }
    }

    @Test("a user's own instance makes its key once, and never beside a store that lost its own")
    func loadOrCreate() async throws {
        let test = try TestStore()
        let path = test.directory + "/deep/master.key"
        _ = try MasterKey.loadOrCreate(file: path, store: test.directory)
        let made = try Data(contentsOf: URL(fileURLWithPath: path))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(made.count == 32 && mode as? Int == 0o600)
        let key = try MasterKey.loadOrCreate(file: path, store: test.directory)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == made)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: test.directory + "/deep")
                == ["master.key"]
        )

        let store = try await Store.open(directory: test.directory, key: key)
        await store.checkpointAndClose()
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: StoreError.keyMissingBesideStore(path: path, directory: test.directory)) {
            try MasterKey.loadOrCreate(file: path, store: test.directory)
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("many instances that start together agree on one new key")
    func race() async throws {
        let test = try TestStore()
        let path = test.root + "/new/master.key"
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    #expect(throws: Never.self) { try MasterKey.loadOrCreate(file: path) }
                }
            }
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == 32)
    }
}
