import Foundation
import PrefModel
import PrefStore
import Testing

@Suite("Preferences in the store")
struct PreferenceStoreTests {
    @Test("what was set is there after closing and opening again", arguments: StoreKind.tested)
    func survivesReopening(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        let before = try await test.withStore { store in
            try await store.set(
                [(key("verbosity"), "concise"), (key("tone", task: .coding), "formal")],
                of: alice
            )
            return try await store.preferences(of: alice)
        }
        let after = try await test.withStore { try await $0.preferences(of: alice) }
        #expect(before.count == 2)
        #expect(after == before)
    }

    @Test(
        "setting the first one grants the scope in the same act, with one receipt",
        arguments: StoreKind.tested
    )
    func grantsOnce(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        try await test.withStore { store in
            let receipt = try #require(try await store.set("verbosity", "concise", of: alice))
            #expect(receipt.scope == .preferences)
            #expect(receipt.method == .bySetting)
            #expect(receipt.principal == "uid:1000")
            #expect(receipt.withdrawnAt == nil)
            #expect(try await store.set("tone", "casual", of: alice) == nil)
            #expect(try await store.consents(of: alice) == [receipt])
            #expect(try await store.profile(of: alice).granted == [.preferences])
        }
    }

    @Test(
        "setting the same value again confirms it and keeps when it was first set",
        arguments: StoreKind.tested
    )
    func confirms(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        let clock = TestClock()
        let store = try await test.open(clock: clock)
        try await store.set("tone", "casual", of: alice)
        clock.advance(seconds: 3600)
        try await store.set("tone", "casual", of: alice)
        let confirmed = try #require(try await store.preferences(of: alice).first)
        #expect(confirmed.confirmedAt.timeIntervalSince(confirmed.setAt) == 3600)
        clock.advance(seconds: 3600)
        try await store.set("tone", "formal", of: alice)
        let changed = try #require(try await store.preferences(of: alice).first)
        #expect(changed.setAt == changed.confirmedAt)
        #expect(changed.value == "formal")
        await store.checkpointAndClose()
    }

    @Test(
        "a preference for a context stands beside the one for everywhere",
        arguments: StoreKind.tested
    )
    func contexts(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        try await test.withStore { store in
            try await store.set("tone", "casual", of: alice)
            try await store.set(
                [(key("tone", task: .coding), "formal")],
                of: alice
            )
            #expect(try await store.preferences(of: alice).count == 2)
            let removed = try await store.removePreferences([key("tone", task: .coding)], of: alice)
            #expect(removed.map(\.value) == ["formal"])
            #expect(try await store.value("tone", of: alice) == "casual")
            #expect(try await store.removeAllPreferences(of: alice).count == 1)
            #expect(try await store.profile(of: alice).granted == [.preferences])
        }
        #expect(try await test.withStore { try await $0.preferences(of: alice) } == [])
    }

    @Test(
        "two users never see or change each other's, however their writes interleave",
        arguments: StoreKind.tested
    )
    func isolation(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        let users = (0..<8).map { number in
            number % 2 == 0
                ? Principal.user(uid: UInt32(number)) : .endUser(app: "webchat", id: "\(number)")
        }
        try await test.withStore { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, user) in users.enumerated() {
                    group.addTask {
                        for round in 0..<20 {
                            try await store.set("note", "of \(number), \(round)", of: user)
                            let seen = try await store.preferences(of: user)
                            #expect(seen.map(\.value) == ["of \(number), \(round)"])
                        }
                    }
                }
                try await group.waitForAll()
            }
            _ = try await store.forget(users[0])
        }
        try await test.withStore { store in
            let forgotten = try await store.profile(of: users[0])
            #expect(forgotten == .unknown)
            for (number, user) in users.enumerated().dropFirst() {
                #expect(try await store.value("note", of: user) == "of \(number), 19")
            }
        }
    }

    @Test(
        "one user keeps so many preferences and no more, and each only so long",
        arguments: StoreKind.tested
    )
    func limits(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        let store = try await test.open(limits: StoreLimits(preferences: 3, recordBytes: 2_000))
        for number in 0..<3 { try await store.set("d\(number)", "x", of: alice) }
        await #expect(throws: StoreError.tooMany(what: "preferences", limit: 3)) {
            try await store.set("d3", "x", of: alice)
        }
        await #expect(throws: StoreError.tooLarge(limitBytes: 2_000)) {
            try await store.set("d2", String(repeating: "x", count: 3_000), of: alice)
        }
        #expect(try await store.value("d2", of: alice) == "x")
        try await store.set("d2", "y", of: alice)
        await store.checkpointAndClose()
        await #expect(throws: StoreError.closed) { try await store.set("d2", "z", of: alice) }
    }

    @Test("of several preferences set together, all are kept or none", arguments: StoreKind.tested)
    func allOrNone(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        let store = try await test.open(limits: StoreLimits(preferences: 2))
        await #expect(throws: StoreError.self) {
            try await store.set(
                [(key("a"), "1"), (key("b"), "2"), (key("c"), "3")],
                of: alice
            )
        }
        #expect(try await store.profile(of: alice) == .unknown)
        await store.checkpointAndClose()
        #expect(try await test.withStore { try await $0.profile(of: alice) } == .unknown)
    }
}
