import Testing

@testable import PrefPipeline

@Suite("The queue before a backend that takes only so many requests")
struct FairQueueTests {
    private func enter(
        _ person: String,
        _ ticket: UInt64,
        _ queue: inout FairQueue<String>,
        is expected: FairQueue<String>.Entry,
        at place: SourceLocation = #_sourceLocation
    ) {
        let entry = queue.enter(person, ticket)
        #expect(entry == expected, sourceLocation: place)
    }

    private func leave(
        _ queue: inout FairQueue<String>,
        is expected: UInt64?,
        at place: SourceLocation = #_sourceLocation
    ) {
        let next = queue.leave()
        #expect(next == expected, sourceLocation: place)
    }

    @Test("serves people in turn, each their own requests in order")
    func turns() {
        var queue = FairQueue<String>(slots: 1, capacity: 10)
        enter("anna", 1, &queue, is: .admitted)
        for ticket in UInt64(2)...4 {
            enter("anna", ticket, &queue, is: .waits(evicted: nil))
        }
        enter("bruno", 5, &queue, is: .waits(evicted: nil))
        enter("carla", 6, &queue, is: .waits(evicted: nil))
        enter("bruno", 7, &queue, is: .waits(evicted: nil))
        var served: [UInt64] = []
        while let next = queue.leave() { served.append(next) }
        #expect(served == [2, 5, 6, 3, 7, 4])
        #expect(queue.running == 0 && queue.waiting == 0)
    }

    @Test("lets no more in than there are places, and whoever comes waits behind those who wait")
    func slots() {
        var queue = FairQueue<String>(slots: 2, capacity: 10)
        enter("a", 1, &queue, is: .admitted)
        enter("a", 2, &queue, is: .admitted)
        enter("a", 3, &queue, is: .waits(evicted: nil))
        leave(&queue, is: 3)
        #expect(queue.running == 2)
        leave(&queue, is: nil)
        enter("b", 4, &queue, is: .admitted)
    }

    @Test("makes room for whoever has fewer waiting, at the cost of whoever has the most")
    func evicts() {
        var queue = FairQueue<String>(slots: 1, capacity: 3)
        enter("flood", 1, &queue, is: .admitted)
        for ticket in UInt64(2)...4 { _ = queue.enter("flood", ticket) }
        enter("flood", 5, &queue, is: .full)
        enter("anna", 6, &queue, is: .waits(evicted: 4))
        // Two and one wait: to swap would only turn the tables.
        enter("anna", 7, &queue, is: .full)
        enter("bruno", 8, &queue, is: .waits(evicted: 3))
        #expect(queue.waiting == 3)
        for next in [2, 6, 8, nil] as [UInt64?] { leave(&queue, is: next) }
    }

    @Test("forgets a request whose client has gone")
    func removes() {
        var queue = FairQueue<String>(slots: 1, capacity: 3)
        _ = queue.enter("a", 1)
        _ = queue.enter("a", 2)
        _ = queue.enter("b", 3)
        queue.remove(2, of: "a")
        queue.remove(2, of: "a")
        #expect(queue.waiting == 1)
        leave(&queue, is: 3)
    }

    @Test("lets nobody wait where nobody may")
    func noRoom() {
        var queue = FairQueue<String>(slots: 1, capacity: 0)
        enter("a", 1, &queue, is: .admitted)
        enter("b", 2, &queue, is: .full)
    }
}
