public import Foundation

/// The folder of shared test data, which lies beside a checkout and not in it.
public enum SharedData {
    /// The folder; nil where it is not there.
    public static let folder: URL? = {
        if let path = ProcessInfo.processInfo.environment["PREFD_TEST_DATA"] {
            return URL(fileURLWithPath: path, isDirectory: true)
        }
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent("shared/data")
            if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
        }
        return nil
    }()

    /// False where a test may be skipped; in CI the absence is a failure, so the test runs.
    public static var isExpected: Bool {
        folder != nil || ProcessInfo.processInfo.environment["CI"] == "true"
    }

    /// The data, or a tool to read it with, is missing.
    public struct Missing: Error {}

    /// What a command writes to its standard output.
    public static func output(_ arguments: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Missing() }
        return data
    }

    /// A file of the data folder, decompressed.
    public static func gunzip(_ path: String) throws -> Data {
        guard let folder else { throw Missing() }
        return try output(["gzip", "-dc", folder.appendingPathComponent(path).path])
    }
}
