/// Joins matches to verdicts, and says which are certain.
///
/// Overlapping matches that change text are one verdict, by the strictest of their rules, so that
/// no part of any of them stays visible. Matches that change nothing are verdicts of their own.
struct VerdictLedger: Sendable {
    private struct Group {
        var range: Range<Int>
        var rules: Set<Int>
    }

    private let rules: [Rule]
    // Ascending and disjoint.
    private var groups: [Group] = []
    private var verdicts: [Verdict] = []
    private var appended: Set<Int> = []
    private var met: Set<Int> = []

    init(rules: [Rule]) { self.rules = rules }

    /// Takes a match.
    mutating func add(_ hit: Hit) {
        if rules[hit.rule].isRequirement {
            met.insert(hit.rule)
            return
        }
        guard rules[hit.rule].action.changesMatch else {
            if case .append = rules[hit.rule].action {
                guard appended.insert(hit.rule).inserted else { return }
            }
            verdicts.append(verdict(Group(range: hit.range, rules: [hit.rule])))
            return
        }
        var group = Group(range: hit.range, rules: [hit.rule])
        // Hits come nearly in order: the groups that one overlaps are among the last.
        var index = groups.count
        while index > 0, groups[index - 1].range.upperBound > group.range.lowerBound {
            index -= 1
            let other = groups[index]
            guard other.range.lowerBound < group.range.upperBound else { continue }
            let lower = min(other.range.lowerBound, group.range.lowerBound)
            let upper = max(other.range.upperBound, group.range.upperBound)
            group.range = lower..<upper
            group.rules.formUnion(other.rules)
            groups.remove(at: index)
        }
        groups.insert(group, at: index)
    }

    /// Makes verdicts of what is certain when everything that begins before `heldStart` is.
    ///
    /// - Returns: the offset before which all text is decided.
    mutating func settle(heldStart: Int) -> Int {
        var decided = heldStart
        var certain = groups.count
        while certain > 0, groups[certain - 1].range.upperBound > decided {
            certain -= 1
            decided = min(decided, groups[certain].range.lowerBound)
        }
        if certain > 0 {
            for group in groups[..<certain] { verdicts.append(verdict(group)) }
            groups.removeFirst(certain)
        }
        return decided
    }

    /// The verdicts since the last call, in the order of the text.
    mutating func take() -> [Verdict] {
        guard !verdicts.isEmpty else { return [] }
        defer { verdicts.removeAll(keepingCapacity: true) }
        return verdicts.sorted {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
    }

    /// The ids of the requirements that the text has met since the last call.
    mutating func takeMet() -> [String] {
        guard !met.isEmpty else { return [] }
        defer { met.removeAll() }
        return met.sorted().map { rules[$0].id }
    }

    private func verdict(_ group: Group) -> Verdict {
        var ordered = group.rules.sorted()
        var strictest = 0
        for index in ordered.indices
        where rules[ordered[index]].action.isStricter(than: rules[ordered[strictest]].action) {
            strictest = index
        }
        let first = ordered.remove(at: strictest)
        return Verdict(
            range: group.range,
            action: rules[first].action,
            ruleIDs: [rules[first].id] + ordered.map { rules[$0].id }
        )
    }
}
