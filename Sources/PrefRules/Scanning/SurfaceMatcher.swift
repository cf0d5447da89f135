/// The matcher: a filter that rules out most places, all rules together from those that are left,
/// and each rule's own automaton once few can still match.
///
/// Text in which no match can begin costs a few instructions a byte and allocates nothing. Memory
/// is bounded: a match is at most `CompiledPattern.longestMatch` symbols and `longestMatchBytes`
/// bytes long, and starts that have come to the same state go on as one.
struct SurfaceMatcher: StreamMatcher {
    /// How many bytes a match may have at most, invisible characters included.
    static let longestMatchBytes =
        TextScanner.greatestHoldBytes - TextScanner.longestInvisibleRun - 128
    /// How many symbols are kept for validators at most.
    private static let keptLimit = 4 * CompiledPattern.longestValidatedMatch
    private static let fewRunners = 24

    let program: SurfaceProgram
    /// How many symbols have been taken.
    var count = 0
    var runners: [Runner] = []
    var simulations: [Int: SimulatedRule] = [:]
    var hits: [Hit] = []
    // The shadow since the oldest start that validators may want to see.
    private var kept: [ShadowPiece] = []
    private var keptIndex = 0
    var begun: [Begun] = []
    private var arrivals: [Begun] = []
    private var validatedCount = 0
    // Plain bytes at the end of the last chunk that have not been looked at with what follows.
    var carry = CarriedBytes()
    // Where the oldest of them is that text must be held for.
    var heldCarry: Int?
    var lastKind = SymbolKind.edge
    // The states of the runners of this step, where there are many.
    private var places = StateSet()

    var lastEnd = 0
    var lastBareEnd = 0

    init(_ program: SurfaceProgram) { self.program = program }

    var heldStart: Int? {
        // So that it is looked at where it is: it would be copied for every chunk.
        mutating get {
            if !carry.isEmpty { return heldCarry }
            if isIdle { return nil }
            var start = Int.max
            for each in begun where each.start < start && program.beginnings.holds(each.node) {
                start = each.start
            }
            for runner in runners where runner.start < start && program.traits[runner.rule].holds {
                start = runner.start
            }
            for (rule, simulation) in simulations where program.traits[rule].holds {
                start = min(start, simulation.oldestStart ?? start)
            }
            return start == .max ? nil : start
        }
    }

    var isIdle: Bool { begun.isEmpty && runners.isEmpty && simulations.isEmpty }

    // MARK: Symbols

    mutating func feed(_ piece: ShadowPiece) {
        takeCarry()
        feed(piece, column: program.columns.column(of: piece.scalar))
    }

    mutating func feed(_ piece: ShadowPiece, column: Int) {
        let program = program
        let start = program.beginnings.entry(program.beginnings.start(after: lastKind), column)
        if start.bits == 0, isIdle {
            count += 1
            lastEnd = piece.end
            lastBareEnd = piece.end
            lastKind = program.columns.kinds[column]
            return
        }
        let keeps = !begun.isEmpty || validatedCount > 0
        if !keeps {
            kept.removeAll(keepingCapacity: true)
            keptIndex = count
        }
        let reported = hits.count
        if !begun.isEmpty { advanceBegun(column, upTo: piece.end) }
        if !runners.isEmpty { advanceRunners(column, piece) }
        if !simulations.isEmpty { advanceSimulations(column, piece) }
        if start.node != .none {
            arrive(Begun(node: start.node, start: piece.start, startIndex: count), start)
        }
        if keeps || !arrivals.isEmpty || !begun.isEmpty {
            kept.append(piece)
            if kept.count == Self.keptLimit { trimKept() }
        }
        count += 1
        lastEnd = piece.end
        lastBareEnd = piece.end
        lastKind = program.columns.kinds[column]
        if !arrivals.isEmpty { comeThrough(piece) }
        // What happened at one symbol is told in the order of the text.
        if hits.count > reported + 1 {
            hits[reported...].sort {
                ($0.range.lowerBound, $0.rule) < ($1.range.lowerBound, $1.rule)
            }
        }
    }

    mutating func extendLast(to end: Int) {
        takeCarry()
        lastEnd = end
        if !kept.isEmpty { kept[kept.count - 1].end = end }
    }

    mutating func finish() {
        takeCarry()
        // A rule of which a match may end has come through: what has only begun is over.
        begun.removeAll()
        let reported = hits.count
        for index in runners.indices {
            if program.traits[runners[index].rule].automaton.matchesAtEnd(runners[index].state) {
                noteMatch(index)
            }
            retire(runners[index])
        }
        runners.removeAll()
        let end = lastEnd
        for (rule, simulation) in simulations {
            var simulation = simulation
            let index = program.traits[rule].index
            simulation.step(on: nil, after: lastKind, at: end) { start in
                hits.append(Hit(rule: index, range: start..<end))
            }
        }
        simulations.removeAll()
        hits[reported...].sort {
            ($0.range.lowerBound, $0.rule) < ($1.range.lowerBound, $1.rule)
        }
        lastKind = .edge
    }

    mutating func takeHits() -> [Hit] {
        guard !hits.isEmpty else { return [] }
        defer { hits.removeAll(keepingCapacity: true) }
        return hits
    }

    // MARK: Beginnings

    private mutating func advanceBegun(_ column: Int, upTo end: Int) {
        let program = program
        var alive = 0
        for index in begun.indices {
            let each = begun[index]
            if end - each.start > Self.longestMatchBytes { continue }
            let isOld = count - each.startIndex >= Beginnings.greatestDepth
            let entry =
                isOld
                ? Beginnings.Entry(bits: Beginnings.Entry.overflow)
                : program.beginnings.entry(each.node, column)
            if entry.isOverflow {
                for item in program.beginnings.followed(each.node) { begin(item, each, nil) }
            } else if entry.comesThrough {
                arrivals.append(
                    Begun(node: entry.node, start: each.start, startIndex: each.startIndex)
                )
            } else if entry.node != .none {
                begun[alive] = Begun(
                    node: entry.node,
                    start: each.start,
                    startIndex: each.startIndex
                )
                alive += 1
            }
        }
        begun.removeLast(begun.count - alive)
    }

    private mutating func arrive(_ each: Begun, _ entry: Beginnings.Entry) {
        if entry.comesThrough { arrivals.append(each) } else { begun.append(each) }
    }

    private mutating func comeThrough(_ piece: ShadowPiece) {
        for each in arrivals {
            for item in program.beginnings.through(each.node) { begin(item, each, piece.start) }
            guard program.beginnings.hasFollowed(each.node) else { continue }
            // Starts stay in the order of the text.
            let place = begun.firstIndex { $0.start > each.start } ?? begun.count
            begun.insert(each, at: place)
        }
        arrivals.removeAll(keepingCapacity: true)
    }

    // MARK: Runners

    /// Lets a rule go on by itself.
    ///
    /// - Parameters:
    ///   - item: the rule, and where it stands.
    ///   - from: where it began.
    ///   - matchStart: where the match begins if its context ends here.
    private mutating func begin(_ item: Beginnings.Item, _ from: Begun, _ matchStart: Int?) {
        let rule = program.traits[item.rule]
        var runner = Runner(
            rule: item.rule,
            state: item.state,
            contextIndex: from.startIndex,
            start: from.start,
            startIndex: from.startIndex
        )
        if rule.hasContext {
            let begins = matchStart != nil && rule.automaton.isInMatch(item.state)
            runner.start = begins ? matchStart ?? from.start : Runner.notBegun
            runner.startIndex = begins ? count - 1 : Runner.notBegun
        }
        if rule.isValidated {
            validatedCount += 1
        } else if let earlier = runners.firstIndex(where: { $0.state == item.state }) {
            runners[earlier].start = min(runners[earlier].start, runner.start)
            return
        }
        runners.append(runner)
    }

    private mutating func advanceRunners(_ column: Int, _ piece: ShadowPiece) {
        let program = program
        var alive = 0
        let usesIndex = runners.count > Self.fewRunners
        if usesIndex { places.begin(count: runners.count) }
        var index = 0
        while index < runners.count {
            let number = runners[index].rule
            let rule = program.traits[number]
            let automaton = rule.automaton
            let symbolClass = Int(rule.classOfColumn[column])
            // Runners of one rule mostly stand together.
            while index < runners.count, runners[index].rule == number {
                defer { index += 1 }
                let entry = automaton.entry(runners[index].state, symbolClass)
                if entry.isFull {
                    simulate(runners[index], rule)
                    continue
                }
                if entry.endsMatch { noteMatch(index) }
                runners[index].state = entry.state
                if rule.hasContext, entry.state != .none { noteContext(index, rule, piece) }
                if entry.state == .none || isTooLong(runners[index], rule, upTo: piece.end)
                    || joinsEarlier(index, rule, before: alive, usesIndex: usesIndex)
                {
                    retire(runners[index])
                } else {
                    if alive < index { runners.swapAt(alive, index) }
                    alive += 1
                }
            }
        }
        runners.removeLast(runners.count - alive)
    }

    /// Takes note that a match begins, where its context has ended.
    private mutating func noteContext(
        _ index: Int,
        _ rule: SurfaceProgram.RuleTraits,
        _ piece: ShadowPiece
    ) {
        guard !runners[index].hasBegun, rule.automaton.isInMatch(runners[index].state) else {
            return
        }
        runners[index].start = piece.start
        runners[index].startIndex = count
    }

    private func isTooLong(
        _ runner: Runner,
        _ rule: SurfaceProgram.RuleTraits,
        upTo end: Int
    ) -> Bool {
        count - runner.contextIndex >= rule.longestMatch
            || runner.hasBegun && end - runner.start > Self.longestMatchBytes
    }

    /// Whether an earlier start of the same rule has come to the same state: it will match
    /// whatever this one could.
    private mutating func joinsEarlier(
        _ index: Int,
        _ rule: SurfaceProgram.RuleTraits,
        before alive: Int,
        usesIndex: Bool
    ) -> Bool {
        if rule.isValidated { return false }
        let state = runners[index].state
        if usesIndex {
            if places.insert(state) { return false }
            // The earlier match began earlier too, but perhaps behind a longer context.
            if !rule.hasContext { return true }
        }
        for other in 0..<alive where runners[other].state == state {
            runners[other].start = min(runners[other].start, runners[index].start)
            return true
        }
        return false
    }

    private mutating func noteMatch(_ index: Int) {
        runners[index].longestEnd = lastEnd
        if program.traits[runners[index].rule].isValidated {
            runners[index].lengths.insert(length: count - runners[index].startIndex)
        }
    }

    /// Reports what a runner found when it can find no more.
    private mutating func retire(_ runner: Runner) {
        let rule = program.traits[runner.rule]
        if rule.isValidated { validatedCount -= 1 }
        guard runner.longestEnd >= 0 else { return }
        guard rule.isValidated else {
            hits.append(Hit(rule: rule.index, range: runner.start..<runner.longestEnd))
            return
        }
        var lengths = runner.lengths
        let first = runner.startIndex - keptIndex
        let symbols = kept[first...].prefix(lengths.greatestLength).map(\.scalar)
        for validator in rule.validators where lengths.greatestLength > 0 {
            validator.narrow(&lengths, of: symbols[...])
        }
        let length = lengths.greatestLength
        guard length > 0 else { return }
        hits.append(Hit(rule: rule.index, range: runner.start..<kept[first + length - 1].end))
    }

    /// Forgets symbols that no validator will look at; less than half of the limit is left.
    private mutating func trimKept() {
        var oldest = count
        for each in begun { oldest = min(oldest, each.startIndex) }
        for each in arrivals { oldest = min(oldest, each.startIndex) }
        for runner in runners where program.traits[runner.rule].isValidated {
            oldest = min(oldest, runner.contextIndex)
        }
        kept.removeFirst(oldest - keptIndex)
        keptIndex = oldest
    }
}
