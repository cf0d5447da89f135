import PrefModel
import Testing

@testable import PrefPipeline

@Suite("The line before a backend")
struct BackendLineTests {
    private static let anna = Principal.user(uid: 1)
    private static let bruno = Principal.user(uid: 2)

    private static func line(
        _ change: (inout BackendLine.Limits) -> Void = { _ in }
    ) -> BackendLine {
        var limits = BackendLine.Limits()
        change(&limits)
        return BackendLine(limits: limits)
    }

    private static func waitUntil(_ condition: () -> Bool) async {
        while !condition() { await Task.yield() }
    }

    @Test("lets everybody pass where nothing is limited, and tells what it saw")
    func open() async throws {
        let line = Self.line()
        #expect(line.sight == BackendLine.Sight())
        let one = try await line.turn(for: Self.anna, at: "b", queues: true)
        let other = try await line.turn(for: Self.anna, at: "b", queues: true)
        #expect(line.sight.running == 2)
        #expect(!one.answered())
        one.end()
        other.end()
        #expect(line.sight.running == 0 && line.sight.answered != nil)
    }

    @Test("lets the next in turn pass when a place is free")
    func queue() async throws {
        let line = Self.line { $0.maxConcurrent = 1 }
        let first = try await line.turn(for: Self.anna, at: "b", queues: true)
        async let second = line.turn(for: Self.bruno, at: "b", queues: true)
        await Self.waitUntil { line.sight.waiting == 1 }
        // A question that needs no model waits for nobody.
        try await line.turn(for: Self.anna, at: "b", queues: false).end()
        first.end()
        try await second.end()
        #expect(line.sight.running == 0 && line.sight.waiting == 0)
    }

    @Test("tells whoever comes to a full queue, and whoever waited in vain, when to come again")
    func full() async throws {
        let line = Self.line {
            $0.maxConcurrent = 1
            $0.maxQueued = 0
        }
        let first = try await line.turn(for: Self.anna, at: "b", queues: true)
        await #expect(throws: Refusal.backendBusy("b", retryAfter: 1)) {
            try await line.turn(for: Self.bruno, at: "b", queues: true)
        }
        first.end()
        let impatient = Self.line {
            $0.maxConcurrent = 1
            $0.queueWait = .milliseconds(1)
        }
        let holder = try await impatient.turn(for: Self.anna, at: "b", queues: true)
        await #expect(throws: Refusal.backendBusy("b", retryAfter: 1)) {
            try await impatient.turn(for: Self.bruno, at: "b", queues: true)
        }
        #expect(impatient.sight.waiting == 0)
        holder.end()
        try await impatient.turn(for: Self.bruno, at: "b", queues: true).end()
    }

    @Test("forgets a request whose client went away while it waited")
    func cancelled() async throws {
        let line = Self.line { $0.maxConcurrent = 1 }
        let first = try await line.turn(for: Self.anna, at: "b", queues: true)
        let waiting = Task { try await line.turn(for: Self.bruno, at: "b", queues: true) }
        await Self.waitUntil { line.sight.waiting == 1 }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(line.sight.waiting == 0)
        first.end()
        try await line.turn(for: Self.anna, at: "b", queues: true).end()
    }

    @Test("suspends a backend that fails, and says in how many seconds to come again")
    func suspended() async throws {
        let line = Self.line {
            $0.failuresToOpen = 2
            $0.pause = .seconds(60)
            $0.maxConcurrent = 1
        }
        for isLast in [false, true] {
            let turn = try await line.turn(for: Self.anna, at: "b", queues: true)
            #expect(turn.failed(.unreachable("refused")) == isLast)
            turn.end()
        }
        await #expect(throws: Refusal.backendSuspended("b", retryAfter: 60)) {
            try await line.turn(for: Self.anna, at: "b", queues: true)
        }
        #expect(line.sight.isSuspended && line.sight.failure == "it cannot be reached: refused")
        #expect(line.sight.running == 0)
    }

    @Test("does not hold against a backend what goes wrong after it answered")
    func afterAnswer() async throws {
        let line = Self.line { $0.failuresToOpen = 1 }
        let turn = try await line.turn(for: Self.anna, at: "b", queues: true)
        #expect(!turn.answered())
        #expect(!turn.failed(.broken("it closed the connection")))
        turn.end()
        #expect(!line.sight.isSuspended)
    }

    @Test("lets another try where the client that tried has gone, and all where one was answered")
    func probing() async throws {
        let line = Self.line {
            $0.failuresToOpen = 1
            $0.pause = .zero
        }
        let failing = try await line.turn(for: Self.anna, at: "b", queues: true)
        #expect(failing.failed(.timedOut))
        failing.end()
        let probe = try await line.turn(for: Self.anna, at: "b", queues: true)
        await #expect(throws: Refusal.backendSuspended("b", retryAfter: 1)) {
            try await line.turn(for: Self.anna, at: "b", queues: true)
        }
        probe.end()
        let second = try await line.turn(for: Self.bruno, at: "b", queues: true)
        #expect(second.answered())
        second.end()
        #expect(!line.sight.isSuspended && line.sight.failure == nil)
    }
}
