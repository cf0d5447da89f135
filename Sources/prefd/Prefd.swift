import ArgumentParser
import PrefControl

/// The daemon's command line.
@main
struct Prefd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prefd",
        abstract:
            "Stands between local apps and their language model: your preferences in, everyone's rules out.",
        version: PrefdVersion.current,
        subcommands: [ServeCommand.self, CheckCommand.self, EgressCommand.self],
        defaultSubcommand: ServeCommand.self
    )
}
