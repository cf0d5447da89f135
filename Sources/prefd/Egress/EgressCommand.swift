import ArgumentParser
import Foundation
import NIOPosix
import Systemd
import UnixHTTP

/// `prefd egress`: connects to the model servers for a prefd that has no network.
struct EgressCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "egress",
        abstract: "Connect to the configured model servers, for a prefd that has no network.",
        discussion: """
            This is prefd-egress.service: a process with a network, and with neither keys nor data. It passes \
            bytes on, unread, between prefd and the backends of the configuration, and connects to nothing else. \
            Its socket comes from prefd-egress.socket.
            """
    )

    @Option(help: "The configuration file; /etc/prefd/prefd.yaml as a service.")
    var config: String?

    func run() async throws {
        ProcessLimits.apply()
        do {
            guard let descriptor = try ListenFDs.named()["egress"] else {
                throw StartFailure.listen(
                    "prefd egress takes its socket from systemd (FileDescriptorName=egress): "
                        + "`systemctl start prefd-egress.socket`"
                )
            }
            let targets = EgressTargets(ConfigurationSource(file: config))
            let proxy = TunnelProxy(address: .inherited(fileDescriptor: descriptor)) {
                targets.refusal(of: $0)
            }
            let notify = Notify()
            let watchdog = Watchdog(
                notify: notify,
                eventLoops: MultiThreadedEventLoopGroup.singleton
            )
            let watch = Task { try await watchdog.run() }
            defer { watch.cancel() }
            // SIGTERM has no handler: it ends the process, and with it every connection. prefd stops first.
            try await proxy.run { notify.ready(status: "Connecting for prefd") }
        } catch {
            FileHandle.standardError.write(Data("prefd egress: \(error)\n".utf8))
            throw ExitCode((error as? StartFailure)?.exitCode ?? 1)
        }
    }
}
