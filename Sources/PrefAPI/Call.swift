internal import PrefModel

/// A call on its way through a handler: the request with its query taken apart.
struct Call {
    let request: APIRequest
    let query: [(name: String, value: String)]

    var principal: Principal { request.principal }

    /// Refuses a query where the call takes none.
    func refuseQuery() throws(APIRefusal) {
        guard query.isEmpty else {
            throw .malformed(
                "This call takes no query.",
                hint: "Leave out what follows the question mark."
            )
        }
    }
}
