internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl forget-me`.
struct ForgetMeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget-me",
        abstract: "Forget everything about you, now."
    )

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try confirm()
        try output.show(try await connection.client().forgetMe(), UserViews.erasure)
    }

    private func confirm() throws {
        if yes { return }
        guard Console.isInteractive else {
            throw CommandFailure(
                message: "Nothing was erased: there is no terminal to ask on.",
                hint: "Add --yes to erase without being asked."
            )
        }
        let answer = Console.ask(
            "This erases your preferences, consents and signals, for good. Type yes to go on: "
        )
        guard answer.lowercased() == "yes" else {
            throw CommandFailure(message: "Nothing was erased.", hint: "")
        }
    }
}
