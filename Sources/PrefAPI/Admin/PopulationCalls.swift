internal import PrefControl

extension AdminAPI {
    /// `GET /prefd/v1/admin/population`: the latest release; `POST`: a new one, which spends budget.
    func population(_ call: Call) async throws(APIRefusal) -> APIResponse {
        let releases = call.request.method == "POST"
        let answer: Population
        if releases { try await enter("population-release", call) }
        do throws(PopulationDesk.Refusal) {
            answer = releases ? try await statistics.release() : try await statistics.latest()
        } catch {
            data.journal.admin("population release", call.request, failed: true)
            switch error {
            case .exhausted(let left):
                throw .conflict(
                    code: "budget_exhausted",
                    "The privacy budget does not reach for another release: \(left) is left.",
                    hint: "The figures of the latest release stay: GET shows them. A larger "
                        + "learning.population_budget tells more about people than they were promised."
                )
            case .store(let error): throw APIRefusal(error)
            case .unreadable:
                throw .conflict(
                    code: "budget_unreadable",
                    "What has been spent of the privacy budget cannot be read, so nothing is released.",
                    hint:
                        "Look at population.json in the state directory; it was changed from outside."
                )
            }
        }
        data.journal.admin(releases ? "population release" : "population", call.request)
        return try .json(answer)
    }
}
