import Foundation
import PrefModel
import PrefStore
import Testing

@Suite("Consent and signals in the store")
struct ConsentStoreTests {
    @Test(
        "granting answers with a record, and granting again changes nothing",
        arguments: StoreKind.tested
    )
    func grant(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        let clock = TestClock()
        let store = try await test.open(clock: clock)
        let record = try await store.grant(
            .signalsExplicit,
            of: alice,
            method: .prefctl,
            retentionSeconds: 86_400
        )
        #expect(record.principal == "uid:1000")
        #expect(record.retentionSeconds == 86_400)
        #expect(record.givenAt == clock.now)
        clock.advance(seconds: 60)
        let again = try await store.grant(
            .signalsExplicit,
            of: alice,
            method: .api,
            retentionSeconds: 86_400
        )
        #expect(again == record)
        let share = ConsentScope.share(app: "editor")
        _ = try await store.grant(share, of: alice, method: .api)
        #expect(try await store.profile(of: alice).granted == [.signalsExplicit, share])
        #expect(try await store.consents(of: alice).count == 2)
        #expect(try await store.withdraw(.audit, of: alice) == nil)
        #expect(try await store.withdraw(.audit, of: bob) == nil)
        await store.checkpointAndClose()
    }

    @Test("another retention ends the record and begins a new one", arguments: StoreKind.tested)
    func newRetention(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        try await test.withStore { store in
            let first = try await store.grant(
                .content,
                of: alice,
                method: .api,
                retentionSeconds: 10
            )
            let second = try await store.grant(
                .content,
                of: alice,
                method: .api,
                retentionSeconds: 20
            )
            #expect(first.id != second.id)
            let records = try await store.consents(of: alice)
            #expect(records.filter { $0.withdrawnAt == nil } == [second])
            #expect(records.count == 2)
        }
    }

    @Test("a signal without its scope is refused by name, and changes no byte")
    func refusal() async throws {
        let test = try TestStore()
        let store = try await test.open()
        try await store.set("tone", "casual", of: alice)
        let before = try test.files()
        await #expect(throws: StoreError.consentRequired(.signalsExplicit)) {
            try await store.record(signal(.rating), of: alice)
        }
        await #expect(throws: StoreError.consentRequired(.signalsImplicit)) {
            try await store.record(signal(.regenerate), of: alice)
        }
        #expect(try test.files() == before)
        await store.checkpointAndClose()
    }

    @Test(
        "excerpts are kept only under the content scope, and go with it",
        arguments: StoreKind.tested
    )
    func excerpts(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        try await test.withStore { store in
            _ = try await store.grant(.signalsExplicit, of: alice, method: .api)
            try await store.record(signal(excerpts: ["chosen": "one"]), of: alice)
            #expect(try await store.signals(of: alice).map(\.excerpts) == [[:]])
            _ = try await store.grant(.content, of: alice, method: .api)
            try await store.record(signal(.choice, excerpts: ["chosen": "two"]), of: alice)
            #expect(
                Set(try await store.signals(of: alice).map(\.excerpts)) == [[:], ["chosen": "two"]]
            )
            let receipt = try #require(try await store.withdraw(.content, of: alice))
            #expect(receipt.withdrawnAt != nil)
            let kept = try await store.signals(of: alice)
            #expect(kept.count == 2)
            #expect(kept.allSatisfy { $0.excerpts.isEmpty && $0.features["answer"] != nil })
        }
    }

    @Test(
        "a number that cannot be written is refused, and spoils nothing",
        arguments: StoreKind.tested
    )
    func notStorable(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        try await test.withStore { store in
            try await store.grant(.signalsExplicit, of: alice, method: .api)
            let odd = Signal(
                id: "s",
                requestID: nil,
                kind: .rating,
                at: Date(),
                rating: .infinity,
                context: nil,
                directives: []
            )
            await #expect(throws: StoreError.notStorable) { try await store.record(odd, of: alice) }
            try await store.record(signal(), of: alice)
            #expect(try await store.signals(of: alice).count == 1)
        }
    }

    @Test(
        "withdrawing a signals scope deletes its signals and their excerpts",
        arguments: StoreKind.tested
    )
    func withdrawSignals(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        try await test.withStore { store in
            for scope in [ConsentScope.signalsExplicit, .signalsImplicit, .content] {
                _ = try await store.grant(scope, of: alice, method: .api)
            }
            try await store.set("tone", "formal", of: alice)
            try await store.record(signal(.rating, excerpts: ["answer": "a"]), of: alice)
            try await store.record(signal(.copy, excerpts: ["answer": "b"]), of: alice)
            _ = try await store.withdraw(.signalsExplicit, of: alice)
            let signals = try await store.signals(of: alice)
            #expect(signals.map(\.kind) == [.copy])
            #expect(signals.map(\.excerpts) == [["answer": "b"]])
            #expect(try await store.preferences(of: alice).map(\.value) == ["formal"])
            await #expect(throws: StoreError.consentRequired(.signalsExplicit)) {
                try await store.record(signal(.rating), of: alice)
            }
        }
        let export = try await test.withStore { try await $0.export(of: alice) }
        #expect(export.signals.count == 1)
        #expect(export.consents.filter { $0.withdrawnAt != nil }.map(\.scope) == [.signalsExplicit])
    }

    @Test(
        "withdrawing preferences deletes them all, and setting one grants anew",
        arguments: StoreKind.tested
    )
    func withdrawPreferences(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        try await test.withStore { store in
            let first = try await store.set("tone", "formal", of: alice)
            let receipt = try await store.withdraw(.preferences, of: alice)
            #expect(receipt?.id == first?.id)
            #expect(try await store.profile(of: alice) == .unknown)
            let second = try await store.set("tone", "casual", of: alice)
            #expect(second != nil && second?.id != first?.id)
            #expect(try await store.consents(of: alice).count == 2)
        }
    }

    @Test(
        "what has expired is not given out any more, excerpts before their signal",
        arguments: StoreKind.tested
    )
    func retention(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        let clock = TestClock()
        let store = try await test.open(clock: clock)
        _ = try await store.grant(
            .signalsExplicit,
            of: alice,
            method: .api,
            retentionSeconds: 100_000
        )
        _ = try await store.grant(.content, of: alice, method: .api, retentionSeconds: 1_000)
        try await store.record(signal(excerpts: ["answer": "x"], at: clock.now), of: alice)
        #expect(try await store.signals(of: alice).first?.excerpts == ["answer": "x"])
        clock.advance(seconds: 1_001)
        #expect(try await store.signals(of: alice).map(\.excerpts) == [[:]])
        clock.advance(seconds: 100_000)
        #expect(try await store.signals(of: alice) == [])
        await store.checkpointAndClose()
    }

    @Test(
        "a shorter retention also holds for what was kept before, a longer one does not",
        arguments: StoreKind.tested
    )
    func shorterRetention(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        let clock = TestClock()
        let store = try await test.open(clock: clock)
        let scope = ConsentScope.signalsExplicit
        _ = try await store.grant(scope, of: alice, method: .api)
        _ = try await store.grant(.content, of: alice, method: .api)
        try await store.record(signal(excerpts: ["answer": "x"], at: clock.now), of: alice)
        _ = try await store.grant(scope, of: alice, method: .api, retentionSeconds: 1_000)
        _ = try await store.grant(.content, of: alice, method: .api, retentionSeconds: 500)
        _ = try await store.grant(scope, of: alice, method: .api, retentionSeconds: 9_000)
        clock.advance(seconds: 501)
        #expect(try await store.signals(of: alice).map(\.excerpts) == [[:]])
        clock.advance(seconds: 500)
        #expect(try await store.signals(of: alice) == [])
        await store.checkpointAndClose()
    }

    @Test("export holds everything in one document that reads back", arguments: StoreKind.tested)
    func export(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        let export = try await test.withStore { store in
            try await store.set("tone", "formal", of: alice)
            _ = try await store.grant(.signalsExplicit, of: alice, method: .api)
            try await store.record(signal(), of: alice)
            #expect(try await store.export(of: bob) == .none)
            let pseudonym = store.pseudonym(of: alice)
            #expect(try await store.export(pseudonym: pseudonym) == store.export(of: alice))
            #expect(try await store.export(pseudonym: "p-none") == nil)
            return try await store.export(of: alice)
        }
        #expect(export.principal == "uid:1000")
        #expect(export.preferences.count == 1 && export.consents.count == 2)
        let read = try PrefJSON.decode(StoredData.self, from: PrefJSON.encode(export))
        #expect(read == export)
    }
}
