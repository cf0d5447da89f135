import Foundation
import Testing
import Yams

/// One file of `Tests/Vectors`.
struct Vector {
    let name: String
    let about: String
    let preferences: [(dimension: String, value: String)]
    let headers: [(String, String)]
    let rules: String?
    let path: String
    let request: String
    let forwarded: String?
    let answer: Body?
    let status: Int
    let contentType: String
    let output: Body?
    let outputStatus: Int
    let isBroken: Bool
    let absent: String?
    let hits: [String]
    let tier: String?

    enum Body: Equatable {
        case same
        case bytes(String)
    }

    struct Malformed: Error { let reason: String }

    /// Every vector, by file name.
    static func all() throws -> [Vector] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent()
            .appending(path: "Vectors")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".yaml") }.sorted()
        return try names.map { try Vector(file: folder.appending(path: $0)) }
    }

    private init(file: URL) throws {
        name = file.lastPathComponent
        let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        guard let node = try Yams.compose(yaml: text), let map = node.mapping else {
            throw Malformed(reason: "\(name) is not a mapping")
        }
        func string(_ key: String) -> String? { map[Node(key)]?.string }
        guard let about = string("about"), let request = string("request") else {
            throw Malformed(reason: "\(name) lacks about or request")
        }
        self.about = about
        self.request = request
        preferences = Self.pairs(map["preferences"])
        headers = Self.pairs(map["headers"])
        rules = string("rules")
        path = string("path") ?? "/v1/chat/completions"
        forwarded = string("forwarded")
        (answer, contentType) = Self.body(map["answer"], type: string("content_type"))
        output = Self.body(map["output"], type: nil).0
        status = string("status").flatMap(Int.init) ?? 200
        outputStatus = string("output_status").flatMap(Int.init) ?? status
        isBroken = string("broken") == "true"
        absent = string("absent")
        tier = string("tier")
        hits = map["hits"]?.array().compactMap(\.string) ?? []
    }

    private static func pairs(_ node: Node?) -> [(String, String)] {
        node?.mapping?.compactMap { key, value in
            guard let key = key.string, let value = value.string else { return nil }
            return (key, value)
        } ?? []
    }

    private static func body(_ node: Node?, type: String?) -> (Body?, String) {
        if let events = node?.mapping?["events"]?.array().compactMap(\.string) {
            return (.bytes(events.map { "data: \($0)\n\n" }.joined()), type ?? "text/event-stream")
        }
        if let events = node?.mapping?["named"]?.array().compactMap(\.string) {
            let text = events.map { "event: \(typeMember($0))\ndata: \($0)\n\n" }.joined()
            return (.bytes(text), type ?? "text/event-stream")
        }
        if let lines = node?.mapping?["lines"]?.array().compactMap(\.string) {
            return (.bytes(lines.map { "\($0)\n" }.joined()), type ?? "application/x-ndjson")
        }
        if let raw = node?.mapping?["raw"]?.string {
            return (.bytes(raw), type ?? "text/event-stream")
        }
        let whole = node?.string
        return (whole == "same" ? .same : whole.map(Body.bytes), type ?? "application/json")
    }
}

/// The value of `type` where it is an event's first member, as in real streams.
private func typeMember(_ json: String) -> Substring {
    let start = json.range(of: "\"type\":\"").map(\.upperBound) ?? json.startIndex
    return json[start...].prefix { $0 != "\"" }
}

extension Vector: CustomTestStringConvertible {
    var testDescription: String { name }
}
