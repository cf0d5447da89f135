internal import ArgumentParser
internal import FoundationEssentials
internal import PrefModel
internal import UnixHTTP

/// `prefctl bridge`.
struct BridgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bridge",
        abstract: "A door on 127.0.0.1 for apps that cannot use a Unix socket.",
        discussion: """
            Runs until it is stopped. Apps give the URL as their base URL and the token as their API key; what \
            they ask for counts as yours. Anyone on this machine can reach the port, so keep the token to \
            yourself. Without --token-file there is a new token each time, shown once.
            """
    )

    @Option(help: "The port; 0 for one that is free.")
    var port: UInt16 = 8765

    @Option(
        help: ArgumentHelp("Keep the token in this file, mode 0600.", valueName: "path"),
        completion: .file()
    )
    var tokenFile: String?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let file = tokenFile.map(AbsolutePath.of)
        let token =
            try file.map { path throws(CommandFailure) in
                try BridgeToken.kept(in: path)
            } ?? .made()
        let responder = BridgeResponder(
            token: token,
            socket: connection.dataPath,
            client: HTTPClient()
        )
        let server = HTTPServer(address: .loopback(port: port), responder: responder)
        do throws(ListenError) { try await server.listen() } catch {
            throw CommandFailure(message: "\(error).", hint: "Say which by --port.")
        }
        let door = Door(
            url: "http://127.0.0.1:\(server.port ?? Int(port))",
            token: file == nil ? token.text : nil,
            tokenFile: file
        )
        try output.show(door) { door, style in
            """
            \(style.bold("\(door.url) leads to prefd as you."))
            token  \(door.token ?? "in \(SafeText.line(door.tokenFile ?? ""))")

            Base URL for OpenAI clients: \(door.url)/v1. For Anthropic and Ollama clients: \(door.url).
            The API key is the token. Stop with Ctrl-C.
            """
        }
        try await server.run()
    }

    /// What an app needs to know.
    private struct Door: Encodable {
        let url: String
        let token: String?
        let tokenFile: String?

        private enum CodingKeys: String, CodingKey {
            case url, token
            case tokenFile = "token_file"
        }
    }
}
