internal import ArgumentParser
internal import PrefControl

/// `prefctl backup restore`.
struct BackupRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Have a backup take the store's place when prefd starts next.",
        discussion: """
            prefd verifies the backup now. Until it is restarted everything goes on as before. What was \
            written after the backup is then gone; who was forgotten and what was withdrawn since stays so.
            """
    )

    @Argument(help: "The directory that `prefctl backup create` made.")
    var path: String?

    @Flag(help: "Take back a restore that waits for the next start.")
    var cancel = false

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (path == nil) == cancel else {
            throw ValidationError("Name a backup, or --cancel.")
        }
    }

    func run() async throws {
        let client = connection.adminClient()
        guard let path else {
            return try output.show(try await client.cancelRestore()) { answer, _ in
                answer.dropped
                    ? "Taken back: prefd goes on with its store as it is."
                    : "No restore was waiting."
            }
        }
        let directory = try BackupDirectory(of: path)
        let report = try await client.restoreBackup(try await directory.send(to: client))
        try output.show(BackupOutcome(path: directory.path, backup: report)) { outcome, style in
            BackupViews.outcome("Verified and waiting", outcome, style)
                + "\nIt takes the store's place when prefd starts next: `systemctl restart prefd`. "
                + "`prefctl backup restore --cancel` takes that back."
        }
    }
}
