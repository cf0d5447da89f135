internal import ArgumentParser

/// `prefctl backup …`.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Back the store up while it is in use, verify backups, and restore them.",
        subcommands: [
            BackupCreateCommand.self, BackupVerifyCommand.self, BackupRestoreCommand.self,
        ]
    )
}
