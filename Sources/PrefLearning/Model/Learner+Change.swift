internal import FoundationEssentials
internal import PrefModel

extension Learner {
    /// Tests whether the recent signals are better explained by a new taste on one axis than by the
    /// settled ones, and lets go of the settled evidence on that axis where they are.
    ///
    /// The hypothesis of a change on an axis widens the settled posterior along it; the Bayes factor
    /// against no change is then in closed form (a score test). It is taken over the newer window
    /// alone and over both; the threshold has to cover the number of axes as well.
    func detectChange(in model: inout UserModel, at date: Date) {
        guard model.newer.signals >= 3, model.settled.signals + model.older.signals >= 8 else {
            return
        }
        if model.older.signals > 0, model.settled.signals >= 8 {
            var recent = model.older
            recent.merge(model.newer)
            for axis in changed(from: [model.settled], to: [recent]) {
                model.settled.forget(axis: axis.index)
                model.changes[axis] = date
            }
        }
        for axis in changed(from: [model.settled, model.older], to: [model.newer]) {
            model.settled.forget(axis: axis.index)
            model.older.forget(axis: axis.index)
            model.changes[axis] = date
        }
    }

    private func changed(from before: [Ledger], to after: [Ledger]) -> [AnswerAxis] {
        let past = pooled(before)
        let recent = pooled(after)
        guard let start = collapsed.components.first else { return [] }
        var precision = start.precision
        precision.add(past.precision)
        var information = start.precision.times(start.mean)
        for i in information.indices { information[i] += past.information[i] }
        guard let before = precision.cholesky() else { return [] }
        let settled = before.solve(information)
        precision.add(recent.precision)
        guard let factor = precision.cholesky() else { return [] }
        let fitted = recent.precision.times(settled)
        let residual = zip(recent.information, fitted).map { $0 - $1 }
        let pulled = recent.precision.times(factor.solve(residual))
        return AnswerAxis.allCases.filter { axis in
            let j = axis.index
            let row = (0..<prior.axes).map { recent.precision[j, $0] }
            let curvature = row[j] - dot(row, factor.solve(row))
            let score = residual[j] - pulled[j]
            let widening = 4 * collapsed.within[j, j]
            let scale = 1 + widening * curvature
            guard scale > 0 else { return false }
            let logFactor = 0.5 * (widening * score * score / scale - Numeric.logarithm(scale))
            return logFactor > parameters.changeThreshold
        }
    }

    private func pooled(_ ledgers: [Ledger]) -> Evidence {
        var evidence = Evidence(axes: prior.axes)
        for entry in ledgers.flatMap(\.entries) {
            evidence.add(entry.evidence, reliability: parameters.reliability[entry.kind] ?? 0)
        }
        return evidence
    }
}
