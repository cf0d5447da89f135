internal import ArgumentParser
internal import PrefControl

/// `prefctl backup verify`.
struct BackupVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Have prefd look at every byte and record of a backup.",
        discussion: """
            prefd gets a copy, opens it under its master key, and drops it again. Its own store is not \
            touched.
            """
    )

    @Argument(help: "The directory that `prefctl backup create` made.")
    var path: String

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = connection.adminClient()
        let directory = try BackupDirectory(of: path)
        let report = try await client.verifyBackup(try await directory.send(to: client))
        try output.show(BackupOutcome(path: directory.path, backup: report)) { outcome, style in
            BackupViews.outcome("Verified", outcome, style)
        }
    }
}
