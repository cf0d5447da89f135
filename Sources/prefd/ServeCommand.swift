import ArgumentParser
import Foundation
import PrefConfig
import PrefRules
import PrefTopics

/// `prefd serve`: runs until it is told to stop.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve apps and admins until told to stop.",
        discussion: """
            Without --config it runs as your own instance: sockets below $XDG_RUNTIME_DIR/prefd, state below \
            $XDG_STATE_HOME/prefd, the built-in rules, and a model server found on this machine, or else the \
            built-in mirror.
            """
    )

    @Option(help: "The configuration file; /etc/prefd/prefd.yaml as a service.")
    var config: String?

    func run() async throws {
        ProcessLimits.apply()
        do {
            let source = ConfigurationSource(file: config)
            let daemon = try await Daemon(source: source, configuration: source.load())
            try await daemon.run()
        } catch let failure as StartFailure {
            FileHandle.standardError.write(Data("prefd: \(failure)\n".utf8))
            throw ExitCode(failure.exitCode)
        }
    }
}

/// `prefd check`: says what is wrong with config and rules, without starting.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the configuration and the rules without starting."
    )

    @Option(help: "The configuration file; /etc/prefd/prefd.yaml as a service.")
    var config: String?

    func run() throws {
        do throws(StartFailure) {
            let source = ConfigurationSource(file: config)
            let configuration = try source.load()
            let rules = try RulesInForce.load(configuration)
            let topics = try TopicsInForce.load(configuration.tiers)
            for warning in configuration.warnings { print("warning: \(warning)") }
            for warning in Egress.warnings(on: configuration) { print("warning: \(warning)") }
            print(
                "\(source.description): no problems; \(rules.rules.count) rules, every case of theirs passes; \(topics.topics.count) topics"
            )
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            throw ExitCode(1)
        }
    }
}
