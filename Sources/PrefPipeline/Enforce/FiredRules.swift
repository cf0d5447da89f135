import ChatWire

/// Which rules have fired in which texts of a stream, so that what a later event says again does not
/// count again.
struct FiredRules {
    private struct Firing: Hashable {
        let rule: String
        let choice: Int
        /// The item; nil for any.
        let item: Int?
    }

    private var before: Set<Firing> = []
    private var now: Set<Firing> = []

    /// What fired so far is what the next event may repeat.
    mutating func nextEvent() {
        guard !now.isEmpty else { return }
        before.formUnion(now)
        now = []
    }

    /// Takes note of a rule that fired; false where it only did in a repeat.
    mutating func isNews(_ rule: String, in channel: ChannelScan) -> Bool {
        let item = channel.id.item
        let here = Firing(rule: rule, choice: channel.id.choice, item: item)
        let anywhere = Firing(rule: rule, choice: channel.id.choice, item: nil)
        // A text of no item, which has those of all items in it, stands beside them in one answer.
        let isKnown =
            item < 0
            ? before.contains(anywhere) || now.contains(anywhere) : before.contains(here)
        if channel.repeats, isKnown { return false }
        now.insert(here)
        now.insert(anywhere)
        return true
    }
}
