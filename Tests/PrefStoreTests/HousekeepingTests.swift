import Foundation
import GRDB
import PrefModel
import Testing

@testable import PrefStore

@Suite("Housekeeping")
struct HousekeepingTests {
    private static let day = 86_400.0

    /// A store by a clock that is moved, with the clock that only runs beside it.
    private struct House {
        let test: TestStore
        let clock: TestClock
        let running: Shared<Double>
        let store: Store
        let housekeeping: Housekeeping

        init(_ test: TestStore, clock: TestClock = TestClock()) async throws {
            self.test = test
            self.clock = clock
            store = try await test.open(clock: clock)
            let running = Shared(0.0)
            self.running = running
            housekeeping = Housekeeping(store: store) { running.current }
        }

        func pass(seconds: Double) {
            clock.advance(seconds: seconds)
            running.update { $0 += seconds }
        }

        func rows(_ table: String) async throws -> Int? {
            try await store.pool.read { db in
                try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)")
            }
        }

        func consent(_ user: Principal, signals: Int64?, content: Int64?) async throws {
            try await store.grant(
                .signalsExplicit,
                of: user,
                method: .api,
                retentionSeconds: signals
            )
            try await store.grant(.content, of: user, method: .api, retentionSeconds: content)
        }

        func record(_ user: Principal, count: Int) async throws {
            // Together, so that they share commits.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<count {
                    group.addTask {
                        let one = signal(excerpts: ["answer": "text"], at: clock.now)
                        try await store.record(one, of: user)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("deletes what has expired from the disk, and nothing else")
    func expiry() async throws {
        let house = try await House(TestStore())
        let store = house.store
        try await house.consent(alice, signals: 10 * 86_400, content: 86_400)
        try await house.consent(bob, signals: nil, content: nil)
        try await house.record(alice, count: 300)
        try await house.record(bob, count: 3)
        #expect(try await house.housekeeping.tidy().records == 0)
        house.pass(seconds: Self.day / 2)
        try await house.record(alice, count: 2)

        house.pass(seconds: Self.day / 2)
        let excerpts = try await house.housekeeping.tidy()
        #expect(excerpts.records == 300 && excerpts.principals == [alice])
        #expect(try await house.rows("excerpts") == 5)
        #expect(try await house.rows("signals") == 305)
        #expect(await store.health().logBytes == 0)
        let kept = try await store.signals(of: alice)
        #expect(kept.count == 302 && kept.filter { !$0.excerpts.isEmpty }.count == 2)

        house.pass(seconds: 9 * Self.day)
        #expect(try await house.housekeeping.tidy().records == 302)
        #expect(try await store.signals(of: alice).count == 2)
        house.pass(seconds: 400 * Self.day)
        #expect(try await house.housekeeping.tidy().records == 2)
        #expect(try await house.housekeeping.tidy() == Housekeeping.Round())
        #expect(try await store.signals(of: alice).isEmpty)
        #expect(try await store.signals(of: bob).count == 3)
        await store.checkpointAndClose()
        // Everything still adds up.
        let users = try await house.test.withStore { try await $0.users() }
        #expect(users.map(\.signals).sorted() == [0, 3])
    }

    @Test("nothing sealed of what has expired is left in a file")
    func gone() async throws {
        let house = try await House(TestStore())
        try await house.consent(alice, signals: 3_600, content: 3_600)
        try await house.record(alice, count: 2)
        let sealed = try await house.store.pool.read { db in
            try Data.fetchAll(
                db,
                sql: "SELECT sealed FROM signals UNION SELECT sealed FROM excerpts"
            )
        }
        house.pass(seconds: 7_200)
        #expect(try await house.housekeeping.tidy().records == 4 && sealed.count == 4)
        for (name, content) in try house.test.files() {
            for record in sealed {
                #expect(content.range(of: record.suffix(64)) == nil, "still in \(name)")
            }
        }
        await house.store.checkpointAndClose()
    }

    @Test(
        "a clock that leaps ahead by years deletes nothing, and what it hid is back when it is right"
    )
    func leap() async throws {
        let house = try await House(TestStore())
        try await house.consent(alice, signals: 365 * 86_400, content: 30 * 86_400)
        try await house.record(alice, count: 3)
        _ = try await house.housekeeping.tidy()
        house.clock.advance(seconds: 3_650 * Self.day)
        let doubted = try await house.housekeeping.tidy()
        #expect(doubted.records == 0 && doubted.doubtsClock)
        #expect(try await house.store.signals(of: alice).isEmpty)
        // Also over a restart.
        await house.store.checkpointAndClose()
        let again = try await House(house.test, clock: house.clock)
        #expect(try await again.housekeeping.tidy().doubtsClock)
        again.clock.advance(seconds: -3_650 * Self.day)
        let believed = try await again.housekeeping.tidy()
        #expect(believed.records == 0 && !believed.doubtsClock)
        #expect(try await again.store.signals(of: alice).count == 3)
        // Right after all, and it stays: a day later it goes.
        again.clock.advance(seconds: 3_650 * Self.day)
        #expect(try await again.housekeeping.tidy().records == 0)
        again.pass(seconds: Self.day)
        #expect(try await again.housekeeping.tidy().records == 6)
        await again.store.checkpointAndClose()
    }

    @Test("what is recorded by a clock that is behind is kept no longer than was agreed")
    func behind() async throws {
        let house = try await House(TestStore())
        try await house.consent(alice, signals: 10 * 86_400, content: nil)
        _ = try await house.housekeeping.tidy()
        house.clock.advance(seconds: -300 * Self.day)
        try await house.record(alice, count: 1)
        #expect(try await house.housekeeping.tidy().records == 0)
        house.clock.advance(seconds: 300 * Self.day)
        #expect(try await house.housekeeping.tidy().records == 2)
        await house.store.checkpointAndClose()
    }

    @Test("writes and erasures meanwhile are neither lost nor undone")
    func meanwhile() async throws {
        let house = try await House(TestStore())
        let users = (0..<12 as Range<UInt32>).map { Principal.user(uid: $0) }
        for user in users {
            try await house.consent(user, signals: 86_400, content: nil)
            try await house.record(user, count: 20)
        }
        house.pass(seconds: 2 * Self.day)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await house.housekeeping.tidy() }
            for user in users {
                group.addTask {
                    _ = try await house.store.set("tone", "casual", of: user)
                    if user.spelling.hasSuffix("1") { try await house.store.forget(user) }
                }
            }
            try await group.waitForAll()
        }
        _ = try await house.housekeeping.tidy()
        #expect(try await house.rows("signals") == 0)
        #expect(try await house.store.users().map(\.preferences).allSatisfy { $0 == 1 })
        #expect(try await house.store.users().count == 10)
        await house.store.checkpointAndClose()
    }

    @Test("the file stops growing where as much expires as is written, and shrinks after a burst")
    func levelsOff() async throws {
        let house = try await House(TestStore())
        let store = house.store
        try await house.consent(alice, signals: 86_400, content: 86_400)
        var sizes: [Int64] = []
        for _ in 0..<6 {
            try await house.record(alice, count: 60)
            house.pass(seconds: Self.day + 3_600)
            #expect(try await house.housekeeping.tidy().records == 120)
            sizes.append(await house.store.health().databaseBytes)
        }
        #expect(sizes[5] <= sizes[2], "\(sizes)")
        // A burst: its pages go back to the file system.
        try await house.record(alice, count: 1_000)
        try await store.writes.emptyLog()
        let before = await store.health().databaseBytes
        house.pass(seconds: Self.day + 3_600)
        let round = try await house.housekeeping.tidy()
        #expect(round.records == 2_000 && round.pages > 0)
        let after = await store.health().databaseBytes
        #expect(after < before / 2, "\(before) → \(after)")
        let whole = try await house.store.pool.read { db in
            try String.fetchOne(db, sql: "PRAGMA integrity_check")
        }
        #expect(whole == "ok")
        await house.store.checkpointAndClose()
        let kept = try await house.test.withStore { try await $0.export(of: alice) }
        #expect(kept.consents.count == 2 && kept.signals.isEmpty)
    }
}
