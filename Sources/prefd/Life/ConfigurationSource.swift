import Foundation
import Glibc
import PrefConfig

/// Where the configuration comes from: read at start, and again at every reload.
struct ConfigurationSource: Sendable, CustomStringConvertible {
    /// The file that was named; nil for the defaults.
    let file: String?

    var description: String { file ?? "the built-in defaults" }

    /// Reads it.
    ///
    /// - Throws: ``StartFailure/configuration(_:)`` with everything that is wrong.
    func load() throws(StartFailure) -> Configuration {
        let environment = ProcessInfo.processInfo.environment
        do throws(ConfigErrors) {
            guard let file else {
                return try Configuration.defaults(environment: environment, uid: geteuid())
            }
            return try Configuration.load(path: file, environment: environment, uid: geteuid())
        } catch {
            throw .configuration(error.problems)
        }
    }
}
