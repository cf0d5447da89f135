import Foundation
import Postgres
import PrefModel
import Testing

@testable import PrefStore

@Suite("A store that several hosts share")
struct FleetTests {
    private static let isThere = StoreKind.testServer != nil

    @Test("the server to test with is there wherever it has to be")
    func server() {
        let mustBe = ProcessInfo.processInfo.environment["CI"] != nil
        #expect(Self.isThere || !mustBe, "run by Tests/Integration/postgres.py COMMAND")
    }

    @Test(
        "what one host writes the other has, and what it forgets is gone there",
        .enabled(if: isThere)
    )
    func sharing() async throws {
        let test = try TestStore(.postgres)
        let (one, two) = (try await test.open(), try await test.openElsewhere())
        #expect(one.pseudonym(of: alice) == two.pseudonym(of: alice))
        #expect(try await two.profile(of: alice) == .unknown)
        try await one.set("tone", "casual", of: alice)
        try await eventually { try await two.value("tone", of: alice) == "casual" }
        // Two has now an older version of alice in memory than it writes to.
        try await one.set("verbosity", "concise", of: alice)
        try await two.set("tone", "formal", of: alice)
        try await eventually { try await one.value("tone", of: alice) == "formal" }
        #expect(try await two.value("verbosity", of: alice) == "concise")
        #expect(try await one.consents(of: alice).count == 1)
        let receipt = try await two.forget(alice)
        #expect(receipt.erased.preferences == 2)
        #expect(one.verify(receipt))
        try await eventually { try await one.profile(of: alice) == .unknown }
        #expect(try await one.export(of: alice).principal == nil)
        await one.checkpointAndClose()
        await two.checkpointAndClose()
    }

    @Test("hosts that write about one user at once lose nothing", .enabled(if: isThere))
    func atOnce() async throws {
        let test = try TestStore(.postgres)
        let stores = [try await test.open(), try await test.openElsewhere()]
        try await withThrowingTaskGroup { group in
            for (host, store) in stores.enumerated() {
                for index in 0..<20 {
                    group.addTask {
                        let topic = key("note", topic: "\(host)-\(index)")
                        _ = try await store.set(
                            [(topic, "x")],
                            of: alice
                        )
                    }
                }
            }
            try await group.waitForAll()
        }
        for store in stores {
            #expect(try await store.export(of: alice).preferences.count == 40)
            #expect(try await store.consents(of: alice).count == 1)
        }
        for store in stores {
            #expect(try await store.verifyAudit()?.problems.isEmpty == true)
            await store.checkpointAndClose()
        }
    }

    @Test("a host hears whom another wrote about, by pseudonym", .enabled(if: isThere))
    func hearing() async throws {
        let test = try TestStore(.postgres)
        let heard = Shared<Set<String>>([])
        let one = try await test.open()
        let two = try await test.openElsewhere()
        two.onForeignChange { changed in heard.update { $0.formUnion(changed ?? []) } }
        try await two.set("tone", "casual", of: bob)
        try await one.set("tone", "casual", of: alice)
        try await eventually { heard.current == [one.pseudonym(of: alice)] }
        await one.checkpointAndClose()
        await two.checkpointAndClose()
    }

    @Test("a write whose connection ends around its commit is there once", .enabled(if: isThere))
    func lostAnswers() async throws {
        let test = try TestStore(.postgres)
        let store = try await test.open()
        try await store.grant(.signalsExplicit, of: alice, method: .bySetting)
        let killer = try test.connect()
        let kill = """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE application_name = 'prefd write' AND state <> 'idle' AND datname = current_database()
            """
        let isDone = Shared(false)
        let killing = Task.detached {
            while !isDone.current {
                _ = try? killer.run(kill)
                try? await Task.sleep(for: .milliseconds(50))
            }
        }
        var kept = 0
        for _ in 0..<60 {
            do {
                try await store.record(signal(), of: alice)
                kept += 1
            } catch {
                guard case .serverAway = error else { throw error }
            }
        }
        isDone.update { $0 = true }
        await killing.value
        try await eventually { try await store.signals(of: alice).count >= kept }
        let ids = try await store.signals(of: alice).map(\.id)
        #expect(Set(ids).count == ids.count)
        #expect(kept > 0)
        await store.checkpointAndClose()
    }

    @Test("a commit that was there already is not done again", .enabled(if: isThere))
    func repeated() async throws {
        let test = try TestStore(.postgres)
        let store = try await test.open()
        let engine = try #require(store.engine as? FleetEngine)
        let runs = Shared(0)
        try engine.writer.queue.sync {
            try engine.transact { transaction in
                runs.update { $0 += 1 }
                // Ends the connection behind this one's back, after what it does next: the commit.
                if runs.current == 1 {
                    let token = try transaction.connection.run("SELECT token FROM prefd_writes")
                    _ = try test.connect().run("SELECT 1", [])
                    #expect(token.rows.count == 1)
                    try transaction.connection.run("COMMIT")
                    throw PostgresError.lost(reason: "played")
                }
                return true
            }
        }
        #expect(runs.current == 1)
        await store.checkpointAndClose()
    }

    @Test("another master key is refused, and nothing is touched", .enabled(if: isThere))
    func otherKey() async throws {
        let test = try TestStore(.postgres)
        try await test.withStore { try await $0.set("tone", "casual", of: alice) }
        let other = test.root + "/other.key"
        try TestStore.write(.random(count: 32), to: other)
        let key = try Data(contentsOf: URL(fileURLWithPath: test.keyPath))
        try TestStore.write(
            [UInt8](Data(contentsOf: URL(fileURLWithPath: other))),
            to: test.keyPath
        )
        await #expect(throws: StoreError.wrongKey(directory: FleetHeader.place)) {
            try await test.open()
        }
        // With the old one beside it, it is the next key: every host's keys are taken over to it.
        try TestStore.write([UInt8](key), to: test.keyPath + ".previous")
        let store = try await test.open()
        #expect(store.changedMasterKey)
        #expect(try await store.value("tone", of: alice) == "casual")
        #expect(try await store.keyReport().masterEpoch == 2)
        await #expect(throws: StoreError.keyIsShared) { try await store.changeMasterKey() }
        await store.checkpointAndClose()
    }

    @Test(
        "a host goes on under a master key that another has taken the store to",
        .enabled(if: isThere)
    )
    func keyElsewhere() async throws {
        let test = try TestStore(.postgres)
        let one = try await test.open()
        try await one.set("tone", "casual", of: alice)
        let key = try Data(contentsOf: URL(fileURLWithPath: test.keyPath))
        try TestStore.write([UInt8](key), to: test.keyPath + ".previous")
        try TestStore.write(.random(count: 32), to: test.keyPath)
        let two = try await test.openElsewhere()
        #expect(two.changedMasterKey)
        try await two.set("tone", "casual", of: bob)
        // One has the old header in memory: it makes a key under the new one, and reads what is under it.
        let carol = Principal.user(uid: 1002)
        try await one.set("tone", "formal", of: carol)
        #expect(try await one.export(of: bob).preferences.count == 1)
        #expect(try await two.export(of: carol).preferences.count == 1)
        await one.checkpointAndClose()
        await two.checkpointAndClose()
    }

    @Test(
        "a server restored to before an erasure has it again from the host",
        .enabled(if: isThere)
    )
    func restored() async throws {
        let test = try TestStore(.postgres)
        let tables = ["keys", "users", "preferences", "consents", "erasures"]
        try await test.withStore { store in
            try await store.set("tone", "casual", of: alice)
            try await store.set("tone", "casual", of: bob)
            let connection = try test.connect()
            for table in tables {
                try connection.run("CREATE TABLE old_\(table) AS SELECT * FROM prefd_\(table)")
            }
            try await store.forget(alice)
            try await store.withdraw(.preferences, of: bob)
        }
        let connection = try test.connect()
        for table in tables {
            try connection.run("DELETE FROM prefd_\(table)")
            try connection.run("INSERT INTO prefd_\(table) SELECT * FROM old_\(table)")
        }
        let store = try await test.open()
        #expect(try await store.export(of: alice).principal == nil)
        #expect(try await store.preferences(of: bob).isEmpty)
        #expect(try await store.consents(of: bob).allSatisfy { $0.withdrawnAt != nil })
        await store.checkpointAndClose()
        #expect(try connection.run("SELECT tag FROM prefd_keys").rows.count == 1)
    }

    @Test(
        "a host that loses the server answers from memory, and finds it again",
        .enabled(if: isThere)
    )
    func away() async throws {
        let test = try TestStore(.postgres)
        let store = try await test.open()
        try await store.set("tone", "casual", of: alice)
        let engine = try #require(store.engine as? FleetEngine)
        engine.reach.lose("played")
        #expect(try await store.value("tone", of: alice) == "casual")
        await #expect(throws: StoreError.serverAway(reason: "played")) {
            try await store.profile(of: bob)
        }
        // The watch finds that it is there.
        try await eventually { try await store.profile(of: bob) == .unknown }
        await store.checkpointAndClose()
    }

    @Test("what has expired leaves the server, and tokens of old writes too", .enabled(if: isThere))
    func housekeeping() async throws {
        let test = try TestStore(.postgres)
        let clock = TestClock()
        let store = try await test.open(clock: clock)
        try await store.grant(
            .signalsExplicit,
            of: alice,
            method: .bySetting,
            retentionSeconds: 3_600
        )
        try await store.grant(.content, of: alice, method: .bySetting, retentionSeconds: 3_600)
        try await store.record(signal(excerpts: ["prompt": "x"], at: clock.now), of: alice)
        let house = Housekeeping(store: store, running: { 0 })
        #expect(try await house.tidy().records == 0)
        clock.advance(seconds: 23 * 3_600)
        let round = try await house.tidy()
        #expect(round.records == 2)
        #expect(round.principals == [alice])
        let connection = try test.connect()
        for table in ["signals", "excerpts"] {
            #expect(try connection.run("SELECT id FROM prefd_\(table)").rows.isEmpty)
        }
        #expect(try connection.run("SELECT token FROM prefd_writes").rows.count <= 2)
        await store.checkpointAndClose()
    }

    @Test("what was released about the population is kept once, sealed", .enabled(if: isThere))
    func population() async throws {
        let test = try TestStore(.postgres)
        let (one, two) = (try await test.open(), try await test.openElsewhere())
        #expect(try await one.population() == nil)
        let kept = [
            try await one.keepPopulation([1, 2, 3], after: nil),
            try await two.keepPopulation([4], after: nil),
            try await two.keepPopulation([4], after: [1, 2, 3]),
        ]
        #expect(kept == [true, false, true])
        #expect(try await one.population() == [4])
        await one.checkpointAndClose()
        await two.checkpointAndClose()
    }

    @Test("a directory of the other kind is refused, both ways", .enabled(if: isThere))
    func directories() async throws {
        let test = try TestStore(.postgres)
        try await test.withStore { _ in }
        let key = try MasterKey.load(file: test.keyPath)
        await #expect(throws: StoreError.self) {
            try await Store.open(directory: test.directory, key: key)
        }
        let files = try TestStore()
        try await files.withStore { _ in }
        await #expect(throws: StoreError.self) {
            _ = try await test.open(directory: files.directory)
        }
    }
}

/// Waits until something holds; what others tell takes a moment.
func eventually(_ holds: () async throws -> Bool) async throws {
    for _ in 0..<600 {
        do {
            if try await holds() { return }
        } catch is StoreError {}
        try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("it never came about")
}
