/// Why an answer cannot be shown: it could not be read, so no rule has looked at it.
struct UncheckableAnswer: Error, Equatable {
    /// What about it, for the admin who runs the backend.
    ///
    /// Never a piece of it.
    let reason: String
}
