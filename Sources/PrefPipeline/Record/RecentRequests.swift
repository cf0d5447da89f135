import FoundationEssentials
import PrefLearning
import PrefModel

/// The latest requests of one principal: a ring, the oldest of which is written over.
struct RecentRequests {
    /// What is remembered of one request.
    struct Entry {
        var explanation: Explanation
        /// What its answer looked like, where that was measured.
        var answer: AnswerCounts?
        /// The turn of a conversation that it is.
        var turn: RememberedTurn?
        /// What the backend knows its answer by.
        var name: ConversationKey?
        /// The conversation that it was added to, which the backend keeps.
        var conversation: ConversationKey?
    }

    private var entries: [Entry] = []
    private var oldest = 0
    /// When they last asked, counted in requests of everyone.
    private(set) var lastAsked = 0

    /// Adds a request, the last of so many that anyone made.
    mutating func add(_ explanation: Explanation, at request: Int, limit: Int) {
        lastAsked = request
        let entry = Entry(explanation: explanation)
        guard entries.count == limit else { return entries.append(entry) }
        entries[oldest] = entry
        oldest = (oldest + 1) % limit
    }

    /// Changes what is remembered of a request; does nothing where it is not remembered any more.
    mutating func change(_ id: String, _ change: (inout Entry) -> Void) {
        guard let index = latestIndex(where: { $0.explanation.id == id }) else { return }
        change(&entries[index])
    }

    func entry(_ id: String) -> Entry? { latest { $0.explanation.id == id } }

    /// The latest request that this holds of.
    ///
    /// It is most often one of the latest of all.
    func latest(where holds: (Entry) -> Bool) -> Entry? {
        latestIndex(where: holds).map { entries[$0] }
    }

    /// The oldest first.
    var inOrder: ArraySlice<Entry> { entries[oldest...] + entries[..<oldest] }

    /// Forgets what answers looked like, and what would tell whose answer a later request speaks of.
    mutating func forgetAnswers() {
        for index in entries.indices {
            entries[index].answer = nil
            entries[index].turn = nil
            entries[index].name = nil
            entries[index].conversation = nil
        }
    }

    private func latestIndex(where holds: (Entry) -> Bool) -> Int? {
        entries[..<oldest].lastIndex(where: holds) ?? entries[oldest...].lastIndex(where: holds)
    }
}

/// A turn of a conversation, and the request that it was.
struct RememberedTurn {
    let turn: ConversationTurn
    let id: String
    let messages: Int
    let at: Date
    /// How often the turn was asked again before.
    let repeats: Int
}
