import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Testing
import UnixHTTP

/// HTTPS against a server whose certificates are made for the test.
@Suite(.timeLimit(.minutes(2)))
struct TLSTests {
    // Without the openssl program there are no certificates to test with; where the tests must be
    // whole, its absence is a failure.
    static let hasOpenSSL =
        FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")
        || ProcessInfo.processInfo.environment["CI"] == "true"

    @Test(
        "a certificate of the named authority is accepted, by name and by address",
        .enabled(if: hasOpenSSL, "openssl is not installed")
    )
    func trusted() async throws {
        let authority = try TestAuthority()
        try await authority.serving { port in
            let client = HTTPClient()
            for host in ["localhost", "127.0.0.1"] {
                let endpoint = Endpoint.https(
                    host: host,
                    port: port,
                    authorityFile: authority.certificateFile
                )
                try client.prepare(endpoint)
                for _ in 0..<3 {
                    let response = try await client.send(ClientRequest(target: "/"), to: endpoint)
                    let body = String(buffer: try await response.body.collect(upTo: 100))
                    #expect(body == "\(host):\(port)")
                }
            }
            #expect(client.idleConnections == 2)
            await client.shutDown()
        }
    }

    @Test(
        "a certificate of an unknown authority is refused, with nothing sent",
        .enabled(if: hasOpenSSL, "openssl is not installed")
    )
    func untrusted() async throws {
        let authority = try TestAuthority()
        let other = try TestAuthority()
        try await authority.serving { port in
            let client = HTTPClient()
            for file in [nil, other.certificateFile] {
                let endpoint = Endpoint.https(host: "localhost", port: port, authorityFile: file)
                let error = await #expect(throws: ClientError.self) {
                    try await client.send(ClientRequest(target: "/"), to: endpoint)
                }
                guard case .tlsFailed(_, let reason)? = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
                #expect(reason.contains("not signed by a trusted authority"))
                #expect(error?.nothingWasSent == true)
            }
            await client.shutDown()
        }
    }

    @Test(
        "a certificate for another host is refused",
        .enabled(if: hasOpenSSL, "openssl is not installed")
    )
    func wrongHost() async throws {
        let authority = try TestAuthority(names: "DNS:elsewhere.example")
        try await authority.serving { port in
            let client = HTTPClient()
            for host in ["localhost", "127.0.0.1"] {
                let endpoint = Endpoint.https(
                    host: host,
                    port: port,
                    authorityFile: authority.certificateFile
                )
                let error = await #expect(throws: ClientError.self) {
                    try await client.send(ClientRequest(target: "/"), to: endpoint)
                }
                guard case .tlsFailed? = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
            }
            await client.shutDown()
        }
    }

    @Test(
        "a server that speaks no TLS fails as TLS, and one that says nothing times out",
        .enabled(if: hasOpenSSL, "openssl is not installed")
    )
    func notTLS() async throws {
        let client = HTTPClient()
        for greeting in ["HTTP/1.1 400 Bad Request\r\n\r\n", nil] {
            let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .childChannelInitializer { channel in
                    if let greeting {
                        channel.writeAndFlush(ByteBuffer(string: greeting), promise: nil)
                    }
                    return channel.eventLoop.makeSucceededVoidFuture()
                }
                .bind(host: "127.0.0.1", port: 0).get()
            let port = try #require(channel.localAddress?.port)
            let error = await #expect(throws: ClientError.self) {
                try await client.send(
                    ClientRequest(target: "/"),
                    to: .https(host: "127.0.0.1", port: port),
                    timeouts: ClientTimeouts(connect: .milliseconds(400))
                )
            }
            switch error {
            case .tlsFailed? where greeting != nil: break
            case .connectTimedOut? where greeting == nil: break
            default: Issue.record("\(String(describing: error))")
            }
            try await channel.close()
        }
        await client.shutDown()
    }

    @Test("an authority file that cannot be read is said to be so before any request")
    func missingAuthority() throws {
        let client = HTTPClient()
        let directory = try TemporaryDirectory()
        let garbage = directory.file("garbage.pem")
        try Data("no certificate".utf8).write(to: URL(fileURLWithPath: garbage))
        for file in [directory.file("missing.pem"), garbage] {
            let endpoint = Endpoint.https(host: "localhost", port: 1, authorityFile: file)
            let error = #expect(throws: ClientError.self) { try client.prepare(endpoint) }
            #expect(error?.description.contains(file) == true)
        }
    }
}

/// A certificate authority, and a server with a certificate of its own making.
struct TestAuthority {
    private let directory: TemporaryDirectory
    var certificateFile: String { directory.file("ca.pem") }

    init(names: String = "DNS:localhost,IP:127.0.0.1") throws {
        directory = try TemporaryDirectory()
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        try openssl(
            ["req", "-x509", "-days", "2", "-subj", "/CN=Test authority", "-keyout", "ca.key"]
                + ["-out", "ca.pem"] + curve
        )
        try openssl(
            ["req", "-x509", "-days", "2", "-subj", "/CN=server", "-keyout", "server.key"]
                + ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "subjectAltName=\(names)"]
                + ["-addext", "basicConstraints=critical,CA:FALSE", "-out", "server.pem"] + curve
        )
    }

    /// Runs a server that answers with the Host that was asked for.
    func serving(_ body: (Int) async throws -> Void) async throws {
        let chain = try NIOSSLCertificate.fromPEMFile(directory.file("server.pem"))
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(
                try NIOSSLPrivateKey(file: directory.file("server.key"), format: .pem)
            )
        )
        let context = try NIOSSLContext(configuration: configuration)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLServerHandler(context: context))
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(Greeter())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(channel.localAddress?.port)
        try await body(port)
        try await channel.close()
    }

    private func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw POSIXFailure(call: "openssl", code: process.terminationStatus)
        }
    }
}
