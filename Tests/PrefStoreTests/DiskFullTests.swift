import Foundation
import Glibc
import PrefModel
import PrefStore
import Testing

/// A small disk in memory, unmounted when released; needs root.
private final class SmallDisk: Sendable {
    let path: String

    init?(size: String) {
        path = FileManager.default.temporaryDirectory.path + "/smalldisk-\(UUID().uuidString)"
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            return nil
        }
        guard unsafe mount("tmpfs", path, "tmpfs", 0, "size=\(size),mode=0700") == 0 else {
            try? FileManager.default.removeItem(atPath: path)
            return nil
        }
    }

    deinit {
        _ = unsafe umount2(path, Int32(MNT_DETACH))
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Fills what is left, but for so many bytes.
    func fill(leaving bytes: Int = 0) throws {
        let descriptor = unsafe open(path + "/filler", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        try #require(descriptor >= 0)
        let block = [UInt8](repeating: 1, count: 4096)
        while unsafe write(descriptor, block, block.count) > 0 {}
        var status = stat()
        unsafe fstat(descriptor, &status)
        ftruncate(descriptor, max(0, status.st_size - off_t(bytes)))
        close(descriptor)
    }

    func free() { _ = unsafe unlink(path + "/filler") }

    /// Whether this process may mount one.
    static var isAvailable: Bool { SmallDisk(size: "64k") != nil }
}

// Mounting needs root and the right to mount; elsewhere these are skipped.
@Suite("A full disk", .enabled(if: SmallDisk.isAvailable, "needs the right to mount a tmpfs"))
struct DiskFullTests {
    @Test("refuses writes clearly, keeps reading, loses nothing, and goes on when space returns")
    func fullDisk() async throws {
        let disk = try #require(SmallDisk(size: "2m"))
        let test = try TestStore()
        let directory = disk.path + "/state"
        let store = try await test.open(directory: directory)
        for number in 0..<20 as Range<UInt32> {
            try await store.set("note", "kept \(number)", of: .user(uid: number))
        }
        try await store.grant(.signalsExplicit, of: alice, method: .api)
        try disk.fill()
        var failed: Set<UInt32> = []
        for number in 0..<40 as Range<UInt32> {
            do throws(StoreError) {
                try await store.set("note", "later \(number)", of: .user(uid: number))
            } catch {
                guard case .unavailable(let reason) = error else { throw error }
                #expect(reason.contains("no space is left on the disk"))
                failed.insert(number)
            }
        }
        #expect(failed.count >= 35)
        #expect(await store.health().lastWriteFailure != nil)
        for number in failed where number < 20 {
            #expect(try await store.value("note", of: .user(uid: number)) == "kept \(number)")
        }
        for number in failed where number >= 20 {
            #expect(try await store.profile(of: .user(uid: number)) == .unknown)
        }
        await #expect(throws: StoreError.self) { try await store.forget(.user(uid: 3)) }

        // A crash now, and a start when there is space again.
        let crashed = try test.place(test.files(in: directory), as: "crashed")
        let copy = try await test.open(directory: crashed)
        for number in failed where number < 20 && number != 3 {
            #expect(try await copy.value("note", of: .user(uid: number)) == "kept \(number)")
        }
        await copy.checkpointAndClose()

        disk.free()
        for number in 0..<40 as Range<UInt32> {
            try await store.set("note", "again \(number)", of: .user(uid: number))
        }
        #expect(await store.health().lastWriteFailure == nil)
        try await store.forget(.user(uid: 4))
        await store.checkpointAndClose()
        let again = try await test.open(directory: directory)
        for number in 0..<40 as Range<UInt32> where number != 4 {
            #expect(try await again.value("note", of: .user(uid: number)) == "again \(number)")
        }
        #expect(try await again.profile(of: .user(uid: 4)) == .unknown)
        await again.checkpointAndClose()
    }

    @Test(
        "with any little space left, each write is kept or refused, and nothing is between",
        arguments: [0, 1, 2, 3, 4, 5, 6, 8, 12]
    )
    func littleSpace(pages: Int) async throws {
        let disk = try #require(SmallDisk(size: "1m"))
        let test = try TestStore()
        let directory = disk.path + "/state"
        let store = try await test.open(directory: directory)
        try await store.set("note", "first", of: alice)
        try disk.fill(leaving: pages * 4096)
        var expected: [UInt32: String] = [:]
        for round in 0..<30 {
            let number = UInt32(round % 5)
            do throws(StoreError) {
                try await store.set("note", "round \(round)", of: .user(uid: number))
                expected[number] = "round \(round)"
            } catch {
                guard case .unavailable = error else { throw error }
            }
            for (number, value) in expected {
                #expect(try await store.value("note", of: .user(uid: number)) == value)
            }
        }
        let crashed = try test.place(test.files(in: directory), as: "crashed")
        disk.free()
        await store.checkpointAndClose()
        for path in [crashed, directory] {
            let copy = try await test.open(directory: path)
            for (number, value) in expected {
                #expect(try await copy.value("note", of: .user(uid: number)) == value)
            }
            #expect(try await copy.value("note", of: alice) == "first")
            await copy.checkpointAndClose()
        }
    }
}
