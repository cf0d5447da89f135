import Foundation
import PrefConfig
import PrefPipeline
import UnixHTTP

/// The backends in force: as the router sees them, and where they are.
struct BackendDirectory: Sendable {
    var backends: [Backend] = []
    var routes: [String: HTTPUpstream.Route] = [:]
    private var entries: [String: Configuration.Backend] = [:]
    /// Where the backends come from, in a few words.
    private(set) var origin = "configured"

    /// The backends that a configuration names.
    ///
    /// A backend whose entry is the same as in `old` keeps its line: who waits there, and what was seen.
    ///
    /// - Throws: ``StartFailure/secret(_:)`` where an API key cannot be read.
    init(
        configured: [Configuration.Backend],
        replacing old: BackendDirectory?
    ) throws(StartFailure) {
        let environment = ProcessInfo.processInfo.environment
        for entry in configured {
            var key: Secret?
            if let source = entry.apiKey {
                do { key = try Secret(from: source, environment: environment) } catch {
                    throw .secret(
                        "The API key of the backend \(entry.name) cannot be used: \(error)"
                    )
                }
            }
            add(entry, key: key, replacing: old)
        }
    }

    /// One backend that was found on this machine, or the mirror where there is none.
    init(found: Configuration.Backend?, replacing old: BackendDirectory?) {
        if let found {
            origin = "found on this machine"
            add(found, key: nil, replacing: old)
        } else {
            origin = "built in, since no model server was found"
            backends = [Mirror.backend]
        }
    }

    private mutating func add(
        _ entry: Configuration.Backend,
        key: Secret?,
        replacing old: BackendDirectory?
    ) {
        let endpoint: Endpoint
        let path: String
        let via = entry.via ?? Egress.socket
        switch entry.url {
        case .http(let host, let port, let base):
            (endpoint, path) = (.http(host: host, port: port, via: via), base)
        case .https(let host, let port, let base):
            let authorities = entry.certificateAuthority
            (endpoint, path) = (
                .https(host: host, port: port, authorityFile: authorities, via: via), base
            )
        case .unix(let socket):
            (endpoint, path) = (.unix(path: socket), "")
        }
        let kept =
            old?.entries[entry.name] == entry
            ? old?.backends.first { $0.name == entry.name }?.line : nil
        entries[entry.name] = entry
        backends.append(
            Backend(
                name: entry.name,
                authority: entry.url.authority,
                basePath: path,
                families: Set(entry.dialects.compactMap { APIFamily(rawValue: $0.rawValue) }),
                models: entry.models,
                apiKey: key?.text,
                forwardsAuthorization: entry.forwardAuthorization,
                fallback: entry.fallback,
                line: kept ?? BackendLine(limits: BackendLine.Limits(entry))
            )
        )
        routes[entry.name] = HTTPUpstream.Route(
            endpoint: endpoint,
            timeouts: ClientTimeouts(
                connect: entry.timeouts.connect,
                firstByte: entry.timeouts.firstByte,
                idle: entry.timeouts.idle
            )
        )
    }
}

extension BackendLine.Limits {
    fileprivate init(_ entry: Configuration.Backend) {
        self.init()
        maxConcurrent = entry.maxConcurrent
        maxQueued = entry.maxQueued
        queueWait = entry.timeouts.queue
        failuresToOpen = entry.circuitBreaker.failures
        pause = entry.circuitBreaker.pause
    }
}

extension BackendURL {
    /// What a request's `Host` says.
    fileprivate var authority: String {
        switch self {
        case .http(let host, 80, _), .https(let host, 443, _): host
        case .http(let host, let port, _), .https(let host, let port, _): "\(host):\(port)"
        case .unix: "localhost"
        }
    }
}
