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

    /// What a repeat may say again.
    private var before: Set<Firing> = []
    /// What fired in repeats of this event: each of them counts, where nothing had before.
    private var now: Set<Firing> = []

    /// Goes on to the next event.
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
        if channel.repeats {
            if isKnown { return false }
            now.formUnion([here, anywhere])
        } else {
            before.formUnion([here, anywhere])
        }
        return true
    }
}
