import Foundation
import Testing

@testable import PrefStore

@Suite("The time by which things are deleted")
struct TrustedTimeTests {
    private static let start = Date(timeIntervalSince1970: 1_800_000_000)
    private static let day = 86_400.0

    /// A trusted time, and two clocks that a test moves.
    private struct Clocks {
        var time: TrustedTime
        var wall = start
        var running = 0.0

        init(kept: Date? = start) { time = TrustedTime(kept: kept, running: 0) }

        /// Lets time pass, and the system's clock leap on top of that; gives seconds since the start.
        mutating func pass(_ seconds: Double, leaping: Double = 0) -> Double {
            running += seconds
            wall += seconds + leaping
            return time.time(wall: wall, running: running).timeIntervalSince(start)
        }
    }

    @Test("goes along with a clock that runs, and with small corrections in both directions")
    func ordinary() {
        var clocks = Clocks()
        #expect(clocks.pass(600) == 600)
        #expect(clocks.pass(600, leaping: 5_000) == 6_200)
        #expect(clocks.pass(600, leaping: -5_000) == 1_800)
        #expect(clocks.pass(30 * Self.day) == 1_800 + 30 * Self.day)
        #expect(!clocks.time.isDoubtful)
    }

    @Test("takes the clock's word where nothing was kept")
    func first() {
        var clocks = Clocks(kept: nil)
        #expect(clocks.pass(1, leaping: 4_000 * Self.day) == 1 + 4_000 * Self.day)
    }

    @Test("does not follow a leap of years, and loses nothing when it is put right")
    func leap() {
        var clocks = Clocks()
        #expect(clocks.pass(600, leaping: 3_650 * Self.day) == 600)
        #expect(clocks.time.isDoubtful)
        #expect(clocks.pass(20 * 3_600) == 600 + 20 * 3_600)
        #expect(clocks.pass(600, leaping: -3_650 * Self.day) == 1_200 + 20 * 3_600)
        #expect(!clocks.time.isDoubtful)
        // The next one begins a day of its own.
        #expect(clocks.pass(20 * 3_600, leaping: 3_650 * Self.day) < 2 * Self.day)
    }

    @Test("follows a clock that has stood where it leapt to for a day of running")
    func confirmed() {
        var clocks = Clocks()
        _ = clocks.pass(1, leaping: 90 * Self.day)
        _ = clocks.pass(Self.day / 2)
        #expect(clocks.time.isDoubtful)
        #expect(clocks.pass(Self.day / 2) == 1 + 91 * Self.day)
        #expect(!clocks.time.isDoubtful)
        // A stop of some hours is no leap; one of months is, and ends the same way.
        var restarted = Clocks(kept: Self.start)
        #expect(restarted.pass(0, leaping: Self.day / 2) == Self.day / 2)
    }

    @Test("a clock that leaps again before the day is over waits anew")
    func again() {
        var clocks = Clocks()
        for number in 0..<10 {
            let time = clocks.pass(20 * 3_600, leaping: 30 * Self.day)
            #expect(time == Double(number + 1) * 20 * 3_600)
        }
    }

    @Test("going back deletes less, at once; back for good it is followed after a day")
    func back() {
        var clocks = Clocks()
        #expect(clocks.pass(600, leaping: -3_650 * Self.day) == 600 - 3_650 * Self.day)
        #expect(clocks.time.isDoubtful)
        #expect(clocks.pass(Self.day) == 600 - 3_649 * Self.day)
        #expect(!clocks.time.isDoubtful)
        // What was believed wrongly over a restart is mended in the same way.
        var early = Clocks(kept: Self.start + 3_650 * Self.day)
        #expect(early.pass(0) == 0 && early.time.isDoubtful)
        #expect(early.pass(Self.day) == Self.day && !early.time.isDoubtful)
    }
}
