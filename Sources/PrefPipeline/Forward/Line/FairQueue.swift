/// Who is let in next where a backend takes only so many requests at once.
///
/// People are served in turn, each their own requests in order, so that whoever sends a hundred waits
/// for them and everybody else waits for one. Where no more may wait, the newest request of whoever
/// has the most waiting gives way to that of somebody who has fewer.
struct FairQueue<Person: Hashable & Sendable>: Sendable {
    /// One request.
    typealias Ticket = UInt64

    /// What becomes of a request.
    enum Entry: Equatable {
        /// It is let in.
        case admitted
        /// It waits; `evicted` had to give way.
        case waits(evicted: Ticket?)
        /// It cannot even wait.
        case full
    }

    /// How many are let in at once.
    let slots: Int
    /// How many may wait.
    let capacity: Int

    private(set) var running = 0
    private(set) var waiting = 0
    private var lines: [Person: [Ticket]] = [:]
    /// Whose turn it is, the next first; everyone who waits stands here once.
    private var turns: [Person] = []

    /// Starts empty.
    init(slots: Int, capacity: Int) {
        self.slots = slots
        self.capacity = capacity
    }

    /// Takes a request.
    mutating func enter(_ person: Person, _ ticket: Ticket) -> Entry {
        if running < slots, waiting == 0 {
            running += 1
            return .admitted
        }
        var evicted: Ticket?
        if waiting >= capacity {
            evicted = makeRoom(for: person)
            guard evicted != nil else { return .full }
        }
        if lines[person] == nil { turns.append(person) }
        lines[person, default: []].append(ticket)
        waiting += 1
        return .waits(evicted: evicted)
    }

    /// A request has ended; the one that is let in for it.
    mutating func leave() -> Ticket? {
        running -= 1
        guard running < slots, let person = turns.first, let ticket = lines[person]?.first else {
            return nil
        }
        turns.removeFirst()
        lines[person]?.removeFirst()
        if lines[person]?.isEmpty == true {
            lines[person] = nil
        } else {
            turns.append(person)
        }
        waiting -= 1
        running += 1
        return ticket
    }

    /// A request waits no longer.
    mutating func remove(_ ticket: Ticket, of person: Person) {
        guard let index = lines[person]?.firstIndex(of: ticket) else { return }
        lines[person]?.remove(at: index)
        waiting -= 1
        guard lines[person]?.isEmpty == true else { return }
        lines[person] = nil
        turns.removeAll { $0 == person }
    }

    private mutating func makeRoom(for person: Person) -> Ticket? {
        guard let most = lines.max(by: { $0.value.count < $1.value.count }),
            most.value.count > (lines[person]?.count ?? 0) + 1, let newest = most.value.last
        else { return nil }
        remove(newest, of: most.key)
        return newest
    }
}
