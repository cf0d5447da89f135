/// One response as it came over the wire.
struct RawResponse: Equatable {
    var statusLine: String
    var fields: [String: String]
    var body: [UInt8]

    var status: Int { Int(statusLine.split(separator: " ").dropFirst().first ?? "") ?? 0 }
    var bodyText: String { String(decoding: body, as: UTF8.self) }
}

extension RawSocket {
    enum ResponseFailure: Error {
        case endedInside
    }

    /// Reads exactly one response, one byte past which nothing is taken from the socket.
    func receiveResponse(toHEAD isHead: Bool = false) async throws -> RawResponse {
        var head: [UInt8] = []
        while !head.hasSuffix("\r\n\r\n") { head += try await receiveExactly(1) }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        var response = RawResponse(statusLine: String(lines[0]), fields: [:], body: [])
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            response.fields[parts[0].lowercased()] = parts[1].trimmingPrefix(" ").description
        }
        if isHead || [100, 204, 304].contains(response.status) { return response }
        if let length = response.fields["content-length"].flatMap({ Int($0) }) {
            response.body = try await receiveExactly(length)
        } else if response.fields["transfer-encoding"] == "chunked" {
            response.body = try await receiveChunks()
        } else {
            response.body = try await receiveToEnd()
        }
        return response
    }

    private func receiveChunks() async throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            var line: [UInt8] = []
            while !line.hasSuffix("\r\n") { line += try await receiveExactly(1) }
            let size = Int(String(decoding: line.dropLast(2), as: UTF8.self), radix: 16) ?? -1
            let chunk = try await receiveExactly(size + 2)
            if size == 0 { return body }
            body += chunk.dropLast(2)
        }
    }

    func receiveExactly(_ count: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            let more = try await receive(atMost: count - bytes.count)
            if more.isEmpty { throw ResponseFailure.endedInside }
            bytes += more
        }
        return bytes
    }
}

extension [UInt8] {
    fileprivate func hasSuffix(_ text: String) -> Bool {
        suffix(text.utf8.count).elementsEqual(text.utf8)
    }
}
