internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl rate`.
struct RateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rate",
        abstract: "Rate an answer: up, down or 1 to 5."
    )

    @Argument(help: "The request's id, from x-prefd-request-id, or last.")
    var id: String

    @Argument(help: ArgumentHelp("up, down or a number from 1 to 5.", valueName: "rating"))
    var rating: String

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard RatingValue(spelling: rating) != nil else {
            throw ValidationError("A rating is up, down or a number from 1 to 5.")
        }
    }

    func run() async throws {
        guard let value = RatingValue(spelling: rating) else { throw ExitStatus.usage }
        // The server takes `last` in a path only: a signal is to name what it speaks of.
        let request = id == "last" ? try await connection.client().explanation(of: id).id : id
        let report = SignalReport(kind: .rating, requestID: request, value: value)
        try output.show(try await connection.client().record(report)) { receipt, _ in
            SafeText.line("Rated. Signal \(receipt.id), kept under \(receipt.scope).")
        }
    }
}
