import Foundation
import Glibc
import PrefConfig
import Synchronization
import UnixHTTP

/// Where `prefd egress` connects to: the backends of the configuration and nowhere else, so that a prefd
/// which was taken over cannot take anything anywhere else.
final class EgressTargets: Sendable {
    private struct State {
        var stamp: FileStamp?
        var targets: Set<TunnelProxy.Target>?
        var problem = ""
    }

    private let source: ConfigurationSource
    private let state = Mutex(State())

    init(_ source: ConfigurationSource) {
        self.source = source
    }

    /// Why a target is not connected to; nil where it is.
    ///
    /// The configuration is read again when its file has changed. One that does not read changes nothing:
    /// prefd itself goes on with the last one too.
    func refusal(of target: TunnelProxy.Target) -> String? {
        state.withLock { state in
            let stamp = source.file.flatMap(FileStamp.init)
            if state.targets == nil || stamp != state.stamp {
                state.stamp = stamp
                do throws(StartFailure) {
                    state.targets = Self.targets(of: try source.load())
                } catch {
                    state.problem = "\(error)"
                }
            }
            guard let targets = state.targets else { return state.problem }
            if targets.contains(target) { return nil }
            return "\(target.host):\(target.port) is no backend of \(source.description)"
        }
    }

    private static func targets(of configuration: Configuration) -> Set<TunnelProxy.Target> {
        guard !configuration.backends.isEmpty else { return Discovery.targets }
        return Set(
            configuration.backends.compactMap(\.url.hostAndPort).map {
                TunnelProxy.Target(host: $0.host, port: $0.port)
            }
        )
    }
}

/// What of a file tells that it was written, or replaced.
private struct FileStamp: Equatable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let seconds: Int
    private let nanoseconds: Int

    init?(_ path: String) {
        var information = stat()
        // stat(2) fills in the one structure that it is given.
        guard unsafe stat(path, &information) == 0 else { return nil }
        device = UInt64(information.st_dev)
        inode = UInt64(information.st_ino)
        size = Int64(information.st_size)
        seconds = information.st_mtim.tv_sec
        nanoseconds = information.st_mtim.tv_nsec
    }
}
