internal import ArgumentParser
internal import FoundationEssentials
internal import Glibc
internal import PrefControl

/// `prefctl`: what people do with prefd by hand.
struct Prefctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prefctl",
        abstract: "See and change how prefd personalizes your answers, and run the service.",
        discussion: """
            prefd is found at --socket, PREFD_SOCKET, $XDG_RUNTIME_DIR/prefd/prefd.sock or \
            /run/prefd/prefd.sock, in this order. --socket, --admin-socket and --json may also stand \
            in front of the command. Exit status: 0 done, 1 refused or failed, 2 usage, 3 prefd not \
            reachable.
            """,
        version: PrefdVersion.current,
        groupedSubcommands: [
            CommandGroup(
                name: "Yourself",
                subcommands: [
                    StatusCommand.self, DoctorCommand.self, WhoamiCommand.self, SetCommand.self,
                    GetCommand.self, UnsetCommand.self, WhyCommand.self, ConsentCommand.self,
                    PreviewCommand.self, ExplainCommand.self, RateCommand.self, AskCommand.self,
                    EffectsCommand.self, ExportCommand.self, ForgetMeCommand.self,
                    BridgeCommand.self,
                ]
            ),
            CommandGroup(
                name: "The service (admins)",
                subcommands: [
                    UsersCommand.self, UserCommand.self, RulesCommand.self, ConfigCommand.self,
                    ReloadCommand.self, LogCommand.self, MetricsCommand.self, TopCommand.self,
                    PopulationCommand.self, KeyCommand.self, BackupCommand.self, AuditCommand.self,
                ]
            ),
        ]
    )
}

/// Parses the command line, runs the command and turns what came of it into an exit status.
@main
enum Main {
    static func main() async {
        let status: ExitStatus
        let arguments = CommandLineWords.behindCommand(Array(CommandLine.arguments.dropFirst()))
        do {
            var command = try Prefctl.parseAsRoot(arguments)
            if var waiting = command as? any AsyncParsableCommand {
                try await waiting.run()
            } else {
                try command.run()
            }
            status = .done
        } catch {
            status = report(error, asJSON: CommandLineWords.askForJSON(arguments))
        }
        exit(status.rawValue)
    }

    private static func report(_ error: any Error, asJSON: Bool) -> ExitStatus {
        switch error {
        case let failure as ControlFailure:
            tell(failure.apiError, asJSON: asJSON)
            if case .unreachable = failure { return .unreachable }
            return .failed
        case let failure as CommandFailure:
            let error = APIError(code: "failed", message: failure.message, hint: failure.hint)
            tell(error, asJSON: asJSON)
            return .failed
        case let status as ExitStatus: return status
        default: return reportUsage(error)
        }
    }

    /// Says what went wrong to people, and where a program reads along, to it too.
    private static func tell(_ error: APIError, asJSON: Bool) {
        Console.error(error.message, hint: error.hint)
        guard asJSON, let text = try? JSONText.of(APIErrorEnvelope(error: error)) else { return }
        Console.print(text)
    }

    /// What ArgumentParser throws: help that was asked for, or a command line that it cannot read.
    private static func reportUsage(_ error: any Error) -> ExitStatus {
        let text = Prefctl.fullMessage(for: error)
        if Prefctl.exitCode(for: error) == .success {
            if !text.isEmpty { Console.print(text) }
            return .done
        }
        Console.printToStandardError(text)
        return .usage
    }
}
