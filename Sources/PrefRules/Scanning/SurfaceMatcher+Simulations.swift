// Rules that have no room for more states.

extension SurfaceMatcher {
    /// Goes on with a rule that has no room for more states: with the states of its pattern.
    mutating func simulate(
        _ runner: Runner,
        _ rule: SurfaceProgram.RuleTraits
    ) {
        var simulation = simulations[runner.rule] ?? SimulatedRule(rule.automaton)
        if runner.longestEnd >= 0 {
            hits.append(Hit(rule: rule.index, range: runner.start..<runner.longestEnd))
        }
        simulation.begin(
            rule.automaton.core(runner.state),
            start: runner.start,
            contextIndex: runner.contextIndex
        )
        simulations[runner.rule] = simulation
    }

    mutating func advanceSimulations(_ column: Int, _ piece: ShadowPiece) {
        let matchEnd = lastEnd
        for rule in simulations.keys.sorted() {
            guard var simulation = simulations.removeValue(forKey: rule) else { continue }
            let traits = program.traits[rule]
            simulation.step(
                on: Int(traits.classOfColumn[column]),
                after: lastKind,
                at: piece.start
            ) { start in
                hits.append(Hit(rule: traits.index, range: start..<matchEnd))
            }
            simulation.expire(
                contextIndexBefore: count - CompiledPattern.longestMatch,
                startBefore: piece.end - Self.longestMatchBytes
            )
            if !simulation.isOver { simulations[rule] = simulation }
        }
    }
}
