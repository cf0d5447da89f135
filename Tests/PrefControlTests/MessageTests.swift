import FoundationEssentials
import PrefModel
import Testing

@testable import PrefControl

@Suite("Messages of prefd's own API, as they stand on the wire")
struct MessageTests {
    private let at = Date(timeIntervalSince1970: 1_795_464_000)
    private let stamp = "2026-11-23T20:00:00Z"

    private func json(_ message: some Encodable) throws -> String {
        String(decoding: try PrefJSON.encode(message), as: UTF8.self)
    }

    private func roundTrip<Message: Codable & Equatable>(_ message: Message, _ golden: String)
        throws
    {
        #expect(try json(message) == golden)
        #expect(try PrefJSON.decode(Message.self, from: Data(golden.utf8)) == message)
    }

    private var entry: PreferenceEntry {
        PreferenceEntry(
            Preference(
                key: PreferenceKey(
                    dimension: DimensionID(rawValue: "verbosity"),
                    context: PreferenceContext(task: .coding)
                ),
                value: "concise",
                source: .explicit,
                setAt: at,
                confirmedAt: at
            ),
            tier: .personalizable
        )
    }

    private var entryFields: String {
        #""confirmed_at":"\#(stamp)","context":{"task":"coding"},"dimension":"verbosity","#
    }

    private var entryRest: String {
        #""scope":"preferences","set_at":"\#(stamp)","source":"explicit","tier":"personalizable","#
            + #""value":"concise""#
    }

    @Test("an error is wrapped in error, with code, message and hint")
    func error() throws {
        let error = APIError(
            code: "consent_required",
            message: "m",
            hint: "h",
            scope: .signalsExplicit
        )
        try roundTrip(
            APIErrorEnvelope(error: error),
            #"{"error":{"code":"consent_required","hint":"h","message":"m","scope":"signals.explicit"}}"#
        )
    }

    @Test("a preference carries value, context, tier, scope and times")
    func preference() throws {
        try roundTrip(
            PreferenceList(preferences: [entry]),
            #"{"preferences":[{\#(entryFields)\#(entryRest)}]}"#
        )
    }

    @Test("a changed preference is flat, with the receipt beside it")
    func change() throws {
        let record = ConsentRecord(
            id: "c1",
            principal: "uid:1",
            scope: .preferences,
            givenAt: at,
            method: .bySetting,
            retentionSeconds: nil
        )
        let receipt =
            #""receipt":{"given_at":"\#(stamp)","id":"c1","method":"by-setting","#
            + #""notice_version":"\#(ConsentRecord.currentNotice)","principal":"uid:1","purpose":"#
            + #""Keep the preferences that you set, to write them into your prompts.","scope":"preferences"},"#
        try roundTrip(
            PreferenceChange(preference: entry, receipt: record),
            "{\(entryFields)\(receipt)\(entryRest)}"
        )
        try roundTrip(
            PreferenceChange(preference: entry, receipt: nil),
            "{\(entryFields)\(entryRest)}"
        )
    }

    @Test("a dimension without a preference says so with null")
    func unset() throws {
        try roundTrip(
            DimensionPreferences(
                dimension: DimensionID(rawValue: "tone"),
                tier: .personalizable,
                value: nil,
                preferences: []
            ),
            #"{"dimension":"tone","preferences":[],"scope":"preferences","tier":"personalizable","value":null}"#
        )
    }

    @Test("requests have the forms that the contract gives")
    func requests() throws {
        try roundTrip(PreferenceValue(value: "concise"), #"{"value":"concise"}"#)
        try roundTrip(
            ConsentDecision(granted: true, retention: "90d"),
            #"{"granted":true,"retention":"90d"}"#
        )
        try roundTrip(
            PreferenceSettings(preferences: [
                PreferenceSetting(
                    dimension: DimensionID(rawValue: "tone"),
                    value: "casual",
                    context: PreferenceContext(situation: .urgent)
                )
            ]),
            #"{"preferences":[{"context":{"situation":"urgent"},"dimension":"tone","value":"casual"}]}"#
        )
    }

    @Test("a rating goes out as a number or a thumb, and comes back as the same")
    func ratings() throws {
        try roundTrip(
            SignalReport(kind: .rating, requestID: "r", value: .up),
            #"{"kind":"rating","request_id":"r","value":"up"}"#
        )
        try roundTrip(
            SignalReport(kind: .rating, requestID: "r", value: .stars(4.5)),
            #"{"kind":"rating","request_id":"r","value":4.5}"#
        )
        #expect(throws: (any Error).self) {
            try PrefJSON.decode(SignalReport.self, from: Data(#"{"kind":"rating","value":6}"#.utf8))
        }
        #expect(RatingValue(spelling: "UP") == .up)
        #expect(RatingValue(spelling: "3") == .stars(3))
        #expect(RatingValue(spelling: "0") == nil)
        #expect(RatingValue(spelling: "nan") == nil)
    }

    @Test("readiness follows from store, rules and at least one backend")
    func readiness() throws {
        let good = ComponentState(ready: true, detail: "ok")
        let bad = ComponentState(ready: false, detail: "no")
        let up = BackendState(name: "a", state: .ready, detail: "ok")
        let down = BackendState(name: "b", state: .unreachable, detail: "refused")
        #expect(Readiness(store: good, rules: good, backends: [down, up]).ready)
        #expect(!Readiness(store: bad, rules: good, backends: [up]).ready)
        #expect(!Readiness(store: good, rules: bad, backends: [up]).ready)
        #expect(!Readiness(store: good, rules: good, backends: [down]).ready)
        try roundTrip(
            Readiness(store: good, rules: good, backends: [up]),
            #"{"backends":[{"detail":"ok","name":"a","ready":true,"state":"ready"}],"ready":true,"rules":{"detail":"ok","#
                + #""ready":true},"store":{"detail":"ok","ready":true}}"#
        )
    }
}
