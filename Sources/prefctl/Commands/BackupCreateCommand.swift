internal import ArgumentParser
internal import PrefControl

/// `prefctl backup create`.
struct BackupCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a backup, and verify what was written.",
        discussion: """
            A backup is a directory of encrypted files that goes with the master key, which is not in it. \
            Keep that key elsewhere: without it the backup cannot be read by anyone.
            """
    )

    @Argument(help: "A directory to make, or one that is there, to make `prefd-TIME` in.")
    var path: String

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = connection.adminClient()
        let target = try BackupDirectory.target(path)
        let offer = try await client.makeBackup()
        let final = target.final(for: offer.createdAt)
        let draft = try BackupDirectory(making: final + ".partial")
        let report: BackupReport
        do {
            for file in [BackupFiles.manifest] + offer.files.map(\.name) {
                try await draft.receive(file, of: offer.id, from: client)
            }
            try await client.dropBackup(offer.id)
            // Read back from the disk: what is verified is what will be there.
            report = try await client.verifyBackup(try await draft.send(to: client))
            try draft.rename(to: final)
        } catch {
            draft.remove()
            throw error
        }
        try output.show(BackupOutcome(path: final, backup: report)) { outcome, style in
            BackupViews.outcome("Made and verified", outcome, style)
        }
    }
}
