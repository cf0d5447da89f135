import Testing

@testable import PrefPipeline

@Suite("A backend that keeps failing")
struct CircuitBreakerTests {
    private let start = ContinuousClock.now

    private func fail(
        _ breaker: inout CircuitBreaker,
        at now: ContinuousClock.Instant,
        wasProbe: Bool = false,
        opens: Bool = false,
        place: SourceLocation = #_sourceLocation
    ) {
        let opened = breaker.failed(at: now, wasProbe: wasProbe)
        #expect(opened == opens, sourceLocation: place)
    }

    private func admit(
        _ breaker: inout CircuitBreaker,
        at now: ContinuousClock.Instant,
        is expected: CircuitBreaker.Admission,
        place: SourceLocation = #_sourceLocation
    ) {
        let admission = breaker.admit(at: now)
        #expect(admission == expected, sourceLocation: place)
    }

    private func answer(
        _ breaker: inout CircuitBreaker,
        closes: Bool,
        place: SourceLocation = #_sourceLocation
    ) {
        let closed = breaker.answered()
        #expect(closed == closes, sourceLocation: place)
    }

    private func tripped(_ failures: Int = 3) -> CircuitBreaker {
        var breaker = CircuitBreaker(failuresToOpen: failures, pause: .seconds(10))
        for _ in 0..<failures { _ = breaker.failed(at: start, wasProbe: false) }
        return breaker
    }

    @Test("is left alone after so many failures in a row, and not before")
    func opens() {
        var breaker = CircuitBreaker(failuresToOpen: 3, pause: .seconds(10))
        fail(&breaker, at: start)
        fail(&breaker, at: start)
        admit(&breaker, at: start, is: .admitted)
        answer(&breaker, closes: false)
        fail(&breaker, at: start)
        fail(&breaker, at: start)
        fail(&breaker, at: start, opens: true)
        admit(&breaker, at: start + .seconds(4), is: .refused(wait: .seconds(6)))
    }

    @Test("is tried by one request after the pause, and the others wait for what becomes of it")
    func probes() {
        var breaker = tripped()
        let later = start + .seconds(10)
        #expect(breaker.outlook(at: later) == .probe)
        admit(&breaker, at: later, is: .probe)
        admit(&breaker, at: later, is: .refused(wait: .seconds(1)))
        answer(&breaker, closes: true)
        admit(&breaker, at: later, is: .admitted)
    }

    @Test("is left alone for another pause where the trial fails, and that is not news")
    func reopens() {
        var breaker = tripped()
        let later = start + .seconds(10)
        admit(&breaker, at: later, is: .probe)
        fail(&breaker, at: later, wasProbe: true)
        admit(&breaker, at: later + .seconds(1), is: .refused(wait: .seconds(9)))
    }

    @Test("is tried by another request where the first client gave up")
    func probeGivenUp() {
        var breaker = tripped()
        let later = start + .seconds(10)
        admit(&breaker, at: later, is: .probe)
        breaker.probeGivenUp()
        admit(&breaker, at: later, is: .probe)
    }

    @Test("is not left alone longer by the failures of requests from before")
    func lateFailures() {
        var breaker = tripped()
        fail(&breaker, at: start + .seconds(9))
        admit(&breaker, at: start + .seconds(10), is: .probe)
    }

    @Test("is never left alone where the admin wants it so")
    func never() {
        var breaker = CircuitBreaker(failuresToOpen: 0, pause: .seconds(10))
        for _ in 0..<100 { fail(&breaker, at: start) }
        admit(&breaker, at: start, is: .admitted)
    }
}
