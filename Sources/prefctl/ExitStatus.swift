/// The exit status of prefctl, thrown where a command ends without more to say.
enum ExitStatus: Int32, Error {
    case done = 0
    case failed = 1
    case usage = 2
    case unreachable = 3
}

/// A command that could not be carried out, for reasons that prefd knows nothing of.
struct CommandFailure: Error {
    let message: String
    let hint: String
}
