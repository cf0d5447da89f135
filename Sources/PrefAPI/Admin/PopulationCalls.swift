internal import PrefControl

extension AdminAPI {
    /// `GET /prefd/v1/admin/population`: the latest release; `POST`: a new one, which spends budget.
    func population(_ call: Call) async throws(APIRefusal) -> APIResponse {
        try await told("population", call) { statistics, isNew throws(PopulationDesk.Refusal) in
            isNew ? try await statistics.release() : try await statistics.latest()
        }
    }

    /// `GET /prefd/v1/admin/effects`: the latest release of what experiments have shown over people;
    /// `POST`: a new one, which spends budget.
    func pooledEffects(_ call: Call) async throws(APIRefusal) -> APIResponse {
        try await told("effects", call) { statistics, isNew throws(PopulationDesk.Refusal) in
            isNew ? try await statistics.releaseEffects() : try await statistics.latestEffects()
        }
    }

    private func told<Figures: Encodable>(
        _ name: String,
        _ call: Call,
        _ figures: (PopulationDesk, _ isNew: Bool) async throws(PopulationDesk.Refusal) -> Figures
    ) async throws(APIRefusal) -> APIResponse {
        let isNew = call.request.method == "POST"
        if isNew { try await enter("\(name)-release", call) }
        let answer: Figures
        do throws(PopulationDesk.Refusal) {
            answer = try await figures(statistics, isNew)
        } catch {
            data.journal.admin("\(name) release", call.request, failed: true)
            throw APIRefusal(error)
        }
        data.journal.admin(isNew ? "\(name) release" : name, call.request)
        return try .json(answer)
    }
}

extension APIRefusal {
    fileprivate init(_ refusal: PopulationDesk.Refusal) {
        switch refusal {
        case .exhausted(let left):
            self = .conflict(
                code: "budget_exhausted",
                "The privacy budget does not reach for another release: \(left) is left.",
                hint: "The figures of the latest release stay: GET shows them. A larger "
                    + "learning.population_budget tells more about people than they were promised."
            )
        case .store(let error): self = APIRefusal(error)
        case .unreadable:
            self = .conflict(
                code: "budget_unreadable",
                "What has been spent of the privacy budget cannot be read, so nothing is released.",
                hint: "Look at population.json in the state directory; it was changed from outside."
            )
        }
    }
}
