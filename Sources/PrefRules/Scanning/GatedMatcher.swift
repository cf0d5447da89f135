/// The matcher: a gate over every place, and each rule's own automaton where one has begun.
///
/// Text in which no rule gets past its first symbols costs one table look-up a byte and allocates
/// nothing. Memory is bounded: a match is at most `CompiledPattern.longestMatch` symbols and
/// `longestMatchBytes` bytes long, and starts that have come to the same state go on as one.
struct GatedMatcher: StreamMatcher {
    /// How many bytes a match may have at most, invisible characters included.
    static let longestMatchBytes =
        TextScanner.greatestHoldBytes - TextScanner.longestInvisibleRun - 128
    /// How many symbols are kept for validators at most.
    private static let keptLimit = 4 * CompiledPattern.longestValidatedMatch

    private let program: SurfaceProgram
    private var row: UInt32
    private var recent = RecentSymbols()
    /// How many symbols have been taken.
    private var count = 0
    private var runners: [Runner] = []
    private var simulations: [Int: SimulatedRule] = [:]
    private var lastKind = SymbolKind.edge
    private var hits: [Hit] = []
    // The shadow since the oldest start that validators may want to see.
    private var kept: [ShadowPiece] = []
    private var keptIndex = 0
    private var validatedCount = 0
    // The rows of the runners of this step, where there are many.
    private var places: Set<Int> = []
    private static let fewRunners = 24

    private(set) var lastEnd = 0
    private(set) var lastBareEnd = 0

    init(_ program: SurfaceProgram) {
        self.program = program
        row = program.gate.startRow
    }

    var heldStart: Int? {
        var start = Int.max
        let depth = program.gate.holdDepth(row)
        if depth > 0 { start = recent[age: depth].start }
        for runner in runners where runner.start < start && program.traits[runner.rule].holds {
            start = runner.start
        }
        for (rule, simulation) in simulations where program.traits[rule].holds {
            if let oldest = simulation.oldestStart { start = min(start, oldest) }
        }
        return start == .max ? nil : start
    }

    private var isIdle: Bool { runners.isEmpty && simulations.isEmpty }

    mutating func skim(_ bytes: Span<UInt8>, from first: Int, base: Int) -> Int {
        var index = first
        while index < bytes.count {
            if isIdle {
                index = skimIdle(bytes, from: index, base: base)
                guard index < bytes.count else { break }
            }
            let byte = bytes[index]
            guard Gate.isPlain(Int(byte)) else { break }
            let offset = base + index
            feed(
                ShadowPiece(scalar: UInt32(byte), start: offset, end: offset + 1),
                column: Int(byte)
            )
            index += 1
        }
        return index
    }

    /// Takes bytes as long as each needs only one look-up.
    private mutating func skimIdle(_ bytes: Span<UInt8>, from first: Int, base: Int) -> Int {
        let entries = program.gate.bytes
        let table = entries.span
        var row = row
        var index = first
        while index < bytes.count {
            let entry = table[Int(row | UInt32(bytes[index]))]
            if entry >= Gate.fires { break }
            row = entry
            index += 1
        }
        guard index > first else { return index }
        self.row = row
        for taken in max(first, index - Gate.greatestDepth)..<index {
            let offset = base + taken
            recent.push(
                ShadowPiece(scalar: UInt32(bytes[taken]), start: offset, end: offset + 1)
            )
        }
        count += index - first
        lastEnd = base + index
        lastBareEnd = lastEnd
        return index
    }

    mutating func feed(_ piece: ShadowPiece) {
        feed(piece, column: program.columns.column(of: piece.scalar))
    }

    private mutating func feed(_ piece: ShadowPiece, column: Int) {
        if !runners.isEmpty { advanceRunners(column, upTo: piece.end) }
        if !simulations.isEmpty { advanceSimulations(column, upTo: piece.end) }
        recent.push(piece)
        if validatedCount > 0 {
            kept.append(piece)
            if kept.count == Self.keptLimit { trimKept() }
        }
        count += 1
        lastEnd = piece.end
        lastBareEnd = piece.end
        let entry = program.gate.entry(row, column: column)
        if entry < Gate.fires {
            row = entry
        } else {
            let set = program.gate.firingSets[Int(entry & ~Gate.fires)]
            row = set.row
            for firing in set.firings { begin(firing) }
        }
    }

    mutating func extendLast(to end: Int) {
        lastEnd = end
        recent.extendNewest(to: end)
        if validatedCount > 0, !kept.isEmpty { kept[kept.count - 1].end = end }
    }

    mutating func finish() {
        for index in runners.indices {
            if program.matchesAtEnd.contains(runners[index].row) { noteMatch(index) }
            retire(runners[index])
        }
        runners.removeAll()
        let end = lastEnd
        for (rule, simulation) in simulations.sorted(by: { $0.key < $1.key }) {
            var simulation = simulation
            let index = program.traits[rule].index
            simulation.step(on: nil, after: kindOfLast) { start in
                hits.append(Hit(rule: index, range: start..<end))
            }
        }
        simulations.removeAll()
        row = program.gate.startRow
    }

    mutating func takeHits() -> [Hit] {
        guard !hits.isEmpty else { return [] }
        defer { hits.removeAll(keepingCapacity: true) }
        return hits
    }

    // MARK: Runners

    private mutating func begin(_ firing: Gate.Firing) {
        let traits = program.traits[firing.rule]
        let start = recent[age: firing.depth].start
        let startIndex = count - firing.depth
        if traits.isSimulated, let simulated = program.simulated[firing.rule] {
            simulations[firing.rule, default: SimulatedRule(simulated)]
                .begin(atRow: firing.row, start: start, startIndex: startIndex)
            return
        }
        if !traits.isValidated {
            for runner in runners where runner.row == firing.row {
                return
            }
        } else {
            if validatedCount == 0 {
                kept.removeAll(keepingCapacity: true)
                kept.append(contentsOf: recent.oldestFirst)
                keptIndex = count - kept.count
            }
            validatedCount += 1
        }
        runners.append(
            Runner(rule: firing.rule, row: firing.row, start: start, startIndex: startIndex)
        )
    }

    private mutating func advanceRunners(_ column: Int, upTo end: Int) {
        var kept = 0
        let usesIndex = runners.count > Self.fewRunners
        if usesIndex { places.removeAll(keepingCapacity: true) }
        for index in runners.indices {
            let rule = program.traits[runners[index].rule]
            let symbolClass = Int(program.classOfColumn[rule.classBase + column])
            let entry = program.transitions[runners[index].row + symbolClass]
            if entry.endsMatch { noteMatch(index) }
            runners[index].row = entry.row
            let isTooLong =
                count - runners[index].startIndex >= rule.longestMatch
                || end - runners[index].start > Self.longestMatchBytes
            if entry.row == 0 || isTooLong
                || joinsEarlier(index, before: kept, usesIndex: usesIndex)
            {
                retire(runners[index])
            } else {
                runners.swapAt(kept, index)
                kept += 1
            }
        }
        runners.removeLast(runners.count - kept)
    }

    /// Whether an earlier start of the same rule has come to the same state: it will match
    /// whatever this one could.
    private mutating func joinsEarlier(
        _ index: Int,
        before kept: Int,
        usesIndex: Bool
    ) -> Bool {
        let runner = runners[index]
        if program.traits[runner.rule].isValidated { return false }
        if usesIndex { return !places.insert(runner.row).inserted }
        for other in 0..<kept
        where runners[other].row == runner.row {
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
        for validator in program.validators[runner.rule] where lengths.greatestLength > 0 {
            validator.narrow(&lengths, of: symbols[...])
        }
        let length = lengths.greatestLength
        guard length > 0 else { return }
        hits.append(Hit(rule: rule.index, range: runner.start..<kept[first + length - 1].end))
    }

    /// Forgets symbols that no validator will look at; less than half of the limit is left.
    private mutating func trimKept() {
        var oldest = count - Gate.greatestDepth
        for runner in runners where program.traits[runner.rule].isValidated {
            oldest = min(oldest, runner.startIndex)
        }
        kept.removeFirst(oldest - keptIndex)
        keptIndex = oldest
    }

    // MARK: Simulations

    private var kindOfLast: SymbolKind {
        count == 0 ? .edge : SymbolKind(recent[age: 1].scalar)
    }

    private mutating func advanceSimulations(_ column: Int, upTo end: Int) {
        let previous = kindOfLast
        let matchEnd = lastEnd
        for rule in simulations.keys.sorted() {
            guard var simulation = simulations.removeValue(forKey: rule) else { continue }
            let index = program.traits[rule].index
            let symbolClass = program.classOfColumn[program.traits[rule].classBase + column]
            simulation.step(on: Int(symbolClass), after: previous) { start in
                hits.append(Hit(rule: index, range: start..<matchEnd))
            }
            simulation.expire(
                startIndexBefore: count - CompiledPattern.longestMatch,
                startBefore: end - Self.longestMatchBytes
            )
            if simulation.oldestStart != nil { simulations[rule] = simulation }
        }
    }
}
