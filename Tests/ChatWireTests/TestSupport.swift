import Foundation
import Testing

@testable import ChatWire

/// The folder of shared test data, which lies beside a checkout and not in it.
enum SharedData {
    static let folder: URL? = {
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
    static var isExpected: Bool {
        folder != nil || ProcessInfo.processInfo.environment["CI"] == "true"
    }

    struct Missing: Error {}

    /// What a command writes to its standard output.
    static func output(_ arguments: [String]) throws -> Data {
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
    static func gunzip(_ path: String) throws -> Data {
        guard let folder else { throw Missing() }
        return try output(["gzip", "-dc", folder.appendingPathComponent(path).path])
    }
}

/// A recorded answer stream of the OpenAI Chat API.
struct RecordedStream: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let request: [UInt8]

    var testDescription: String { name }

    static let chat: [RecordedStream] = {
        guard let data = try? SharedData.gunzip("sse-recordings/streams.jsonl.gz") else {
            return []
        }
        return data.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let object = try? JSONSerialization.jsonObject(with: Data(line)),
                let row = object as? [String: Any], row["kind"] as? String == "chat",
                let stream = row["response_sse"] as? String, let path = row["path"] as? String,
                let request = row["request"],
                let body = try? JSONSerialization.data(withJSONObject: request)
            else { return nil }
            return RecordedStream(name: path, bytes: Array(stream.utf8), request: Array(body))
        }
    }()
}

/// Feeds a stream in the given pieces; the events' raw bytes, and the unfinished rest.
func frame(_ stream: [UInt8], cutAt cuts: [Int]) throws -> (events: [[UInt8]], rest: [UInt8]) {
    var framer = SSEFramer()
    var events: [[UInt8]] = []
    var start = 0
    for cut in cuts + [stream.count] {
        try framer.feed(stream.span.extracting(start..<cut)) { events.append(Array($0)) }
        start = cut
    }
    let rest = framer.finish { events.append(Array($0)) }
    return (events, rest)
}

extension Array where Element == UInt8 {
    init(_ span: Span<UInt8>) {
        self = []
        for index in span.indices { append(span[index]) }
    }

    var text: String { String(decoding: self, as: UTF8.self) }
}

/// The changed text.
func apply(_ splices: [Splice], to text: String) -> String {
    Splice.apply(splices, to: Array(text.utf8).span).text
}

/// What an event's or answer's fields say, as `choice path surface text`.
func fields(_ outline: AnswerOutline, _ raw: [UInt8]) -> [String] {
    outline.fields.map {
        let text = JSONString.decoded(raw.span, $0.string)
        return "\($0.channel.choice) \($0.channel.path) \($0.surface) \(text)"
    }
}
