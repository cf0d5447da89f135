internal import FoundationEssentials

/// What time it is for deleting what has expired: never further ahead than can be believed.
///
/// A clock that is wrong by years must not have everything deleted at once. The time is kept over
/// restarts, and goes on with a clock that nobody sets while prefd runs. Where the system's clock leaves
/// both behind by more than a day, it is doubted: until it has stood like that for a day of running, what
/// was believed before holds, or the system's clock where that is earlier. So a machine that was off for
/// months deletes a day late, and one whose clock jumps and is put right within a day loses nothing.
struct TrustedTime: Sendable {
    /// How far the system's clock may be from what was expected.
    static let tolerance = 86_400.0
    /// How long it must stand where it was not expected.
    static let confirmation = 86_400.0
    /// By how much two leaps may differ and be the same.
    private static let sameness = 3_600.0

    /// The last time that was believed; nil where none is known yet.
    private(set) var believed: Date?
    /// Seconds of the running clock when it was.
    private var believedAt: Double
    private var doubt: (since: Double, leap: Double)?

    /// Goes on from a time that was kept, or takes the system's where none was.
    init(kept: Date?, running: Double) {
        believed = kept
        believedAt = running
    }

    /// Whether the system's clock is where it was not expected.
    var isDoubtful: Bool { doubt != nil }

    /// The time before which what has expired may go, by the system's clock and by the seconds of a clock
    /// that only ever runs.
    mutating func time(wall: Date, running: Double) -> Date {
        guard let believed else { return believe(wall, running) }
        let expected = believed.addingTimeInterval(running - believedAt)
        let leap = wall.timeIntervalSince(expected)
        guard abs(leap) > Self.tolerance else {
            // Going back a little is no reason to go on from there: it may go on again.
            return leap >= 0 ? believe(wall, running) : settle(at: wall)
        }
        if let doubt, abs(doubt.leap - leap) <= Self.sameness {
            guard running - doubt.since < Self.confirmation else { return believe(wall, running) }
        } else {
            doubt = (since: running, leap: leap)
        }
        return min(wall, expected)
    }

    private mutating func believe(_ wall: Date, _ running: Double) -> Date {
        believed = wall
        believedAt = running
        return settle(at: wall)
    }

    private mutating func settle(at wall: Date) -> Date {
        doubt = nil
        return wall
    }
}
