internal import PrefControl
internal import PrefModel

extension DataAPI {
    /// `GET /prefd/v1/effects`: what leaving learned directives out now and then has shown.
    func effects(_ call: Call) async throws(APIRefusal) -> APIResponse {
        let profile = try await fromStore { try await store.profile(of: call.principal) }
        return try .json(
            EffectList(
                granted: profile.granted.contains(.experiments),
                trials: await tastes.trials(of: call.principal)
            )
        )
    }
}
