public import PrefModel

extension Learner {
    /// How far each kind of signal of a user is relied on, beside a choice's 1.
    public func reliability(of model: UserModel) -> [SignalKind: Double] {
        reliability(in: model.all)
    }

    /// How far each kind of signal can be relied on for this user.
    ///
    /// A kind's utility scale beside a choice's is a number with a prior around its default; its
    /// posterior mean is taken over a grid, by how well the kind's evidence agrees with that of the
    /// other kinds under the population's prior. Choices are the unit and stay at 1.
    func reliability(in ledger: Ledger) -> [SignalKind: Double] {
        var byKind: [SignalKind: Evidence] = [:]
        for entry in ledger.entries {
            byKind[entry.kind, default: Evidence(axes: prior.axes)].add(entry.evidence)
        }
        var learned = parameters.reliability
        guard byKind.count > 1 else { return learned }
        for (kind, evidence) in byKind where kind != .choice {
            let usual = parameters.reliability[kind] ?? 0
            guard usual > 0 else { continue }
            var others = Evidence(axes: prior.axes)
            for (other, body) in byKind where other != kind {
                others.add(body, reliability: parameters.reliability[other] ?? 0)
            }
            learned[kind] = scale(of: evidence, around: usual, beside: others)
        }
        return learned
    }

    private func scale(of evidence: Evidence, around usual: Double, beside others: Evidence)
        -> Double
    {
        // Log-normal around the default, a factor of 2.7 either way being one deviation.
        let steps = [-3.0, -2, -1, 0, 1]
        let logs = steps.map { step in
            let scale = usual * Numeric.exponential(step * Numeric.logarithm(2))
            var total = others
            total.add(evidence, reliability: scale)
            return Belief(collapsed, evidence: total).logEvidence - step * step / 4
        }
        let top = Numeric.logSumExp(logs)
        return zip(steps, logs).reduce(0) { sum, one in
            let scale = usual * Numeric.exponential(one.0 * Numeric.logarithm(2))
            return sum + Numeric.exponential(one.1 - top) * scale
        }
    }
}
