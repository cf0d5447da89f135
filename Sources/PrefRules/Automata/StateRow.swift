internal import Synchronization

/// A state of an automaton that is made while it is used: the address of its row of words.
///
/// A row is written by one thread under the automaton's lock and read by all others without it:
/// what is in it from the start is published with its address, and its transitions are published
/// one by one. Rows stay until their automaton goes.
struct StateRow: Hashable, Sendable {
    /// The address; 0 is no state.
    let bits: UInt

    /// No state: nothing can match any more.
    static let none = StateRow(bits: 0)

    /// A new row of `count` words that are all `word`.
    static func allocate(_ count: Int, word: UInt) -> StateRow {
        // Safe: every word is initialized before the address is given to anybody.
        let words = UnsafeMutablePointer<Atomic<UInt>>.allocate(capacity: count)
        for index in 0..<count { unsafe (words + index).initialize(to: Atomic(word)) }
        return StateRow(bits: UInt(bitPattern: words))
    }

    /// Gives the row back; nobody may have its address any more.
    func deallocate() {
        // Safe: words are trivial, and the automaton that calls this is the rows' only owner.
        unsafe words.deallocate()
    }

    /// A word of the row; `index` is below the count it was made with.
    subscript(index: Int) -> UInt {
        get {
            // Safe: rows live as long as their automaton, which whoever has the address holds.
            unsafe words[index].load(ordering: .acquiring)
        }
        nonmutating set {
            unsafe words[index].store(newValue, ordering: .releasing)
        }
    }

    private var words: UnsafeMutablePointer<Atomic<UInt>> {
        // Safe: addresses come from `allocate` alone, and `none` is never read.
        unsafe UnsafeMutablePointer(bitPattern: bits).unsafelyUnwrapped
    }
}
