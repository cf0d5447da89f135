/// A set of states that is emptied at every symbol.
struct StateSet: Sendable {
    private var states: [StateRow] = []
    private var stamps: [UInt32] = []
    private var stamp: UInt32 = 0

    /// Empties it, and makes room for `count` states.
    mutating func begin(count: Int) {
        stamp &+= 1
        guard stamps.count < 2 * count || stamp == 0 else { return }
        var room = 64
        while room < 4 * count { room *= 2 }
        states = [StateRow](repeating: .none, count: room)
        stamps = [UInt32](repeating: 0, count: room)
        stamp = 1
    }

    /// Adds a state; false if it was there.
    mutating func insert(_ state: StateRow) -> Bool {
        let mask = stamps.count - 1
        // The lowest four bits of an address are zero.
        var place = Int(truncatingIfNeeded: (state.bits >> 4) &* 0x9e37_79b9 >> 8) & mask
        while stamps[place] == stamp {
            if states[place] == state { return false }
            place = (place + 1) & mask
        }
        stamps[place] = stamp
        states[place] = state
        return true
    }
}
