import Foundation
import PrefModel
import PrefStore
import Synchronization

/// A clock that stands still until it is moved.
final class TestClock: Sendable {
    private let time: Mutex<Date>

    init(_ start: Date = Date(timeIntervalSince1970: 1_800_000_000)) { time = Mutex(start) }

    var now: Date { time.withLock { $0 } }

    func advance(seconds: Double) { time.withLock { $0.addTimeInterval(seconds) } }
}

/// A value that several tasks change.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    var current: Value { value.withLock { $0 } }

    func update(_ change: (inout Value) -> Void) { value.withLock { change(&$0) } }
}

let alice = Principal.user(uid: 1000)
let bob = Principal.user(uid: 1001)

func key(_ dimension: String, task: TaskKind? = nil, topic: String? = nil) -> PreferenceKey {
    PreferenceKey(
        dimension: DimensionID(rawValue: dimension),
        context: PreferenceContext(task: task, topic: topic)
    )
}

func signal(
    _ kind: SignalKind = .rating,
    excerpts: [String: String] = [:],
    app: String = "cli",
    at: Date = Date(timeIntervalSince1970: 1_800_000_000)
) -> Signal {
    Signal(
        id: "s-\(UUID().uuidString)",
        requestID: "r-1",
        kind: kind,
        at: at,
        rating: kind == .rating ? 5 : nil,
        context: RequestContext(app: app),
        directives: [
            Directive(
                key: key("verbosity"),
                value: "concise",
                source: .explicit,
                text: "Be concise."
            )
        ],
        features: ["answer": TextFeatures(version: 1, values: ["words": 12])],
        excerpts: excerpts
    )
}

extension Store {
    /// Sets one preference.
    @discardableResult
    func set(
        _ dimension: String,
        _ value: String,
        of principal: Principal
    ) async throws(StoreError) -> ConsentRecord? {
        try await set([(key(dimension), value)], of: principal).receipt
    }

    func value(_ dimension: String, of principal: Principal) async throws(StoreError) -> String? {
        try await preferences(of: principal).first { $0.key == key(dimension) }?.value
    }
}
