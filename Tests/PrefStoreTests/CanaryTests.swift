import Foundation
import PrefModel
import PrefStore
import Testing

@Suite("Nothing personal can be found in any file")
struct CanaryTests {
    /// Texts that are put in through every field, none of which may be found on disk.
    private struct Canaries {
        let value = "CanaryValueQuokka7431"
        let note = "Canary note: wombats at dusk, 9157"
        let topic = "canary-topic-numbat"
        let app = "canary-app-bilby"
        let share = "canary-share-potoroo"
        let userID = "canary-user-dunnart@example.org"
        let requestID = "canary-request-quoll"
        let signalID = "canary-signal-kowari"
        let directive = "Canary directive about bandicoots."
        let feature = "canary-feature-phascogale"
        let excerpt = "Canary excerpt. The pademelon hid in the bracken at noon."
        let uid: UInt32 = 4_019_283_746

        var texts: [String] {
            [
                value, note, topic, app, share, userID, requestID, signalID, directive, feature,
                excerpt, "uid:\(uid)", String(uid), "concise-canary",
                "Keep the preferences that you set", "signals.explicit", "by-setting",
            ]
        }
    }

    /// The spellings under which a text could hide.
    private func spellings(of text: String) -> [Data] {
        let utf8 = Data(text.utf8)
        let base64 = utf8.base64EncodedString().replacingOccurrences(of: "=", with: "")
        let hex = utf8.map { String(format: "%02x", $0) }.joined()
        var spellings = [utf8, Data(utf8.reversed()), Data(hex.utf8), Data(hex.uppercased().utf8)]
        for encoding in [String.Encoding.utf16LittleEndian, .utf16BigEndian, .utf32LittleEndian] {
            if let data = text.data(using: encoding) { spellings.append(data) }
        }
        // Base 64 of the text as part of a longer one: the outer characters depend on what is
        // around, so those of all three alignments are cut off.
        spellings.append(Data(base64.dropLast(2).utf8))
        for shift in 1...2 {
            let shifted = (Data(repeating: 0, count: shift) + utf8).base64EncodedString()
                .replacingOccurrences(of: "=", with: "")
            spellings.append(Data(shifted.dropFirst(4).dropLast(2).utf8))
        }
        if utf8.count > 12 { spellings.append(utf8.prefix(12)) }
        spellings.append(Data(text.lowercased().utf8))
        return spellings.filter { $0.count >= 6 }
    }

    private func expectNone(_ canaries: Canaries, in test: TestStore, when: String) throws {
        let files = try test.files()
        #expect(!files.isEmpty)
        let big = Data([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: canaries.uid >> $0) })
        let uid = [big, Data(big.reversed())]
        for (name, content) in files {
            // The audit log names scopes, and pseudonyms: that is what it is for.
            let texts = canaries.texts.filter { name != "audit.log" || $0 != "signals.explicit" }
            for text in texts {
                for spelling in spellings(of: text) where content.range(of: spelling) != nil {
                    Issue.record("\(text) is in \(name) \(when)")
                }
            }
            for spelling in uid where content.range(of: spelling) != nil {
                Issue.record("the uid's bytes are in \(name) \(when)")
            }
        }
    }

    @Test(
        "canaries through every field are in no file, while running, after erasing, after closing",
        arguments: StoreKind.tested
    )
    func canaries(kind: StoreKind) async throws {
        let canaries = Canaries()
        let test = try TestStore(kind)
        let store = try await test.open()
        let users: [Principal] = [
            .user(uid: canaries.uid), .endUser(app: canaries.app, id: canaries.userID),
        ]
        let context = PreferenceContext(app: canaries.app, topic: canaries.topic)
        for user in users {
            try await store.set(
                [
                    (PreferenceKey(dimension: "note", context: context), canaries.note),
                    (PreferenceKey(dimension: "value-frame", context: context), canaries.value),
                    (PreferenceKey(dimension: "verbosity"), "concise-canary"),
                ],
                of: user
            )
            for scope in [ConsentScope.signalsExplicit, .signalsImplicit, .content] {
                try await store.grant(scope, of: user, method: .api, retentionSeconds: 90 * 86_400)
            }
            try await store.grant(.share(app: canaries.share), of: user, method: .prefctl)
            for round in 0..<30 {
                try await store.record(long(canaries, round: round), of: user)
            }
        }
        try expectNone(canaries, in: test, when: "while running")
        try await store.withdraw(.content, of: users[0])
        try await store.removePreferences([PreferenceKey(dimension: "verbosity")], of: users[0])
        try expectNone(canaries, in: test, when: "after a withdrawal")
        try await store.forget(users[0])
        try expectNone(canaries, in: test, when: "after erasing")
        let export = try await store.export(of: users[1])
        #expect(export.signals.count == 30)
        #expect(
            export.signals.contains { $0.excerpts["answer"]?.contains(canaries.excerpt) == true }
        )
        await store.checkpointAndClose()
        try expectNone(canaries, in: test, when: "after closing")
        try await test.withStore { try await $0.set("tone", "formal", of: users[1]) }
        try expectNone(canaries, in: test, when: "after opening again")
    }

    private func long(_ canaries: Canaries, round: Int) -> Signal {
        Signal(
            id: "\(canaries.signalID)-\(round)",
            requestID: canaries.requestID,
            kind: .choice,
            at: Date(),
            rating: 3,
            context: RequestContext(app: canaries.app, language: "en", topic: canaries.topic),
            directives: [
                Directive(
                    key: PreferenceKey(dimension: "verbosity"),
                    value: canaries.value,
                    source: .explicit,
                    text: canaries.directive
                )
            ],
            features: [
                "chosen": TextFeatures(version: 1, values: [canaries.feature: Double(round)])
            ],
            excerpts: ["answer": String(repeating: canaries.excerpt + " ", count: round * 7 + 1)]
        )
    }

    @Test("a thousand calls for someone without consent change no byte, log and index included")
    func noTrace() async throws {
        let test = try TestStore()
        let store = try await test.open()
        try await store.set("tone", "casual", of: alice)
        _ = try await store.profile(of: alice)
        let before = try test.files()
        for number in 0..<1_000 {
            let user = Principal.endUser(app: "webchat", id: "nobody-\(number)")
            #expect(try await store.profile(of: user) == .unknown)
            await #expect(throws: StoreError.consentRequired(.signalsExplicit)) {
                try await store.record(signal(), of: user)
            }
            if number % 100 == 0 {
                #expect(try await store.removeAllPreferences(of: user) == [])
                #expect(try await store.withdraw(.content, of: user) == nil)
                #expect(try await store.export(of: user) == .none)
                #expect(try await store.consents(of: user) == [])
            }
            _ = try await store.profile(of: alice)
        }
        #expect(try test.files() == before)
        await store.checkpointAndClose()
    }

    @Test(
        "the names of the two files' users have nothing in common with their principals",
        arguments: StoreKind.tested
    )
    func pseudonyms(kind: StoreKind) async throws {
        let test = try TestStore(kind)
        let first = try await test.withStore { store in
            _ = try await store.profile(of: alice)
            return [store.pseudonym(of: alice), store.pseudonym(of: bob)]
        }
        let second = try await test.withStore { store in
            _ = try await store.profile(of: alice)
            return [store.pseudonym(of: alice), store.pseudonym(of: bob)]
        }
        #expect(first == second)
        #expect(first[0] != first[1])
        #expect(first.allSatisfy { $0.count == 18 && $0.hasPrefix("p-") && !$0.contains("1000") })
        let other = try TestStore(kind)
        let elsewhere = try await other.withStore { store in
            _ = try await store.profile(of: alice)
            return store.pseudonym(of: alice)
        }
        #expect(elsewhere != first[0])
    }
}

extension PreferenceKey {
    fileprivate init(dimension: String, context: PreferenceContext = .everywhere) {
        self.init(dimension: DimensionID(rawValue: dimension), context: context)
    }
}
