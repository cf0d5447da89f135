import Testing

@testable import UnixHTTP

@Suite struct FairSharesTests {
    private var shares = FairShares<Int>()

    @Test mutating func oneUsersWorkIsDoneInItsOrder() {
        for number in 1...3 { shares.add(number, of: 1) }
        #expect(turns(3, each: 10) == [1, 1, 1])
        #expect(shares.next() == nil)
    }

    @Test mutating func whoAsksForOneThingNeedNotWaitForWhoAsksForAHundred() {
        for number in 0..<100 { shares.add(number, of: 1) }
        _ = turns(10, each: 10)
        for _ in 0..<20 {
            shares.add(0, of: 2)
            #expect(turns(1, each: 10) == [2])
        }
    }

    @Test mutating func whoAsksForAHundredStillHasTurns() {
        for number in 0..<1_000 { shares.add(number, of: 1) }
        var had = 0
        for _ in 0..<10_000 {
            shares.add(0, of: 2)
            had += turns(1, each: 1_000_000) == [1] ? 1 : 0
        }
        #expect(had > 10)
    }

    @Test mutating func twoWhoAskForTheSameHaveTheSame() {
        for number in 0..<100 { for uid in [1, 2] as [UInt32] { shares.add(number, of: uid) } }
        let had = turns(100, each: 10)
        #expect((45...55).contains(had.count { $0 == 1 }))
    }

    @Test mutating func havingBeenAwaySavesNothingUp() {
        shares.add(0, of: 2)
        for number in 0..<200 { shares.add(number, of: 1) }
        _ = turns(101, each: 10)
        for number in 0..<100 { shares.add(number, of: 2) }
        #expect(turns(100, each: 10).count { $0 == 1 } > 40)
    }

    /// Whose turns the next ones are.
    private mutating func turns(_ count: Int, each nanoseconds: Int64) -> [UInt32] {
        (0..<count).compactMap { _ in
            guard let next = shares.next() else { return nil }
            shares.charge(next.uid, nanoseconds: nanoseconds)
            return next.uid
        }
    }
}
