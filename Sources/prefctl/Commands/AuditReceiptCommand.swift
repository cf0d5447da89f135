internal import ArgumentParser
internal import FoundationEssentials
internal import PrefControl
internal import PrefModel

/// `prefctl audit receipt`.
struct AuditReceiptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipt",
        abstract: "Verify the receipt of an erasure.",
        discussion: """
            Says whether this prefd gave the receipt, unchanged, and which entry of the audit log it is \
            about. Nobody has to be named: the receipt holds a keyed pseudonym.
            """
    )

    @Argument(help: "The receipt as `forget-me --json` printed it, or - for standard input.")
    var file: String

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let receipt: Erasure
        do {
            receipt = try PrefJSON.decode(Erasure.self, from: try contents())
        } catch {
            throw CommandFailure(
                message: "\(file) is no receipt of an erasure.",
                hint: "Give the JSON that `prefctl forget-me --json` printed."
            )
        }
        let verdict = try await connection.adminClient().verify(receipt)
        try output.show(verdict) { verdict, style in
            AuditViews.receipt(verdict, receipt, style)
        }
        if !verdict.valid { throw ExitStatus.failed }
    }

    private func contents() throws -> Data {
        if file == "-" { return Data(Console.standardInput().utf8) }
        return try Data(contentsOf: URL(filePath: file))
    }
}
