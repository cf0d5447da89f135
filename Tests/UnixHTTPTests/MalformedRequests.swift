import Testing

/// Bytes that are not a request, or are one that must not be handled.
struct MalformedRequest: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: String
    /// What they are answered with.
    var status = 400
    var testDescription: String { name }

    static let all: [MalformedRequest] = [
        MalformedRequest(name: "no Host", bytes: "GET / HTTP/1.1\r\n\r\n"),
        MalformedRequest(name: "two Hosts", bytes: .request("GET / HTTP/1.1", "Host: y")),
        MalformedRequest(name: "two equal Hosts", bytes: .request("GET / HTTP/1.1", "Host: x")),
        MalformedRequest(
            name: "a length beside chunks",
            bytes: .request(
                "POST / HTTP/1.1",
                "Content-Length: 5",
                "Transfer-Encoding: chunked",
                body: "0\r\n\r\n"
            )
        ),
        MalformedRequest(
            name: "chunks beside a length",
            bytes: .request(
                "POST / HTTP/1.1",
                "Transfer-Encoding: chunked",
                "Content-Length: 5",
                body: "0\r\n\r\n"
            )
        ),
        MalformedRequest(
            name: "two lengths",
            bytes: .request(
                "POST / HTTP/1.1",
                "Content-Length: 1",
                "Content-Length: 2",
                body: "ab"
            )
        ),
        MalformedRequest(
            name: "two equal lengths",
            bytes: .request(
                "POST / HTTP/1.1",
                "Content-Length: 1",
                "Content-Length: 1",
                body: "a"
            )
        ),
        MalformedRequest(
            name: "a list of lengths",
            bytes: .request("POST / HTTP/1.1", "Content-Length: 1, 1", body: "a")
        ),
        MalformedRequest(
            name: "a signed length",
            bytes: .request("POST / HTTP/1.1", "Content-Length: +1", body: "a")
        ),
        MalformedRequest(
            name: "a negative length",
            bytes: .request("POST / HTTP/1.1", "Content-Length: -1", body: "a")
        ),
        MalformedRequest(
            name: "a length with letters",
            bytes: .request("POST / HTTP/1.1", "Content-Length: 1a", body: "a")
        ),
        MalformedRequest(
            name: "a length that overflows",
            bytes: .request("POST / HTTP/1.1", "Content-Length: 99999999999999999999", body: "a")
        ),
        MalformedRequest(
            name: "an empty length",
            bytes: .request("POST / HTTP/1.1", "Content-Length: ", body: "a")
        ),
        MalformedRequest(name: "a folded field", bytes: .request("GET / HTTP/1.1", "X: a", " b")),
        MalformedRequest(name: "a bare LF", bytes: "GET / HTTP/1.1\nHost: x\n\n"),
        MalformedRequest(name: "a bare LF after a field", bytes: "GET / HTTP/1.1\r\nHost: x\n\r\n"),
        MalformedRequest(
            name: "a bare CR in a field",
            bytes: .request("GET / HTTP/1.1", "X: a\rb")
        ),
        MalformedRequest(name: "a NUL in a field", bytes: .request("GET / HTTP/1.1", "X: a\0b")),
        MalformedRequest(
            name: "a space before a colon",
            bytes: .request("GET / HTTP/1.1", "X : a")
        ),
        MalformedRequest(name: "a field without a name", bytes: .request("GET / HTTP/1.1", ": a")),
        MalformedRequest(
            name: "a line without a colon",
            bytes: .request("GET / HTTP/1.1", "nonsense")
        ),
        MalformedRequest(
            name: "a chunk size with letters",
            bytes: .request("POST / HTTP/1.1", "Transfer-Encoding: chunked", body: "xyz\r\n")
        ),
        MalformedRequest(
            name: "a chunk size that overflows",
            bytes: .request(
                "POST / HTTP/1.1",
                "Transfer-Encoding: chunked",
                body: "fffffffffffffffff\r\n"
            )
        ),
        MalformedRequest(
            name: "a chunk longer than its size",
            bytes: .request(
                "POST / HTTP/1.1",
                "Transfer-Encoding: chunked",
                body: "1\r\nabc\r\n0\r\n\r\n"
            )
        ),
        MalformedRequest(
            name: "a chunk with a bare LF",
            bytes: .request(
                "POST / HTTP/1.1",
                "Transfer-Encoding: chunked",
                body: "1\na\n0\n\n"
            )
        ),
        MalformedRequest(
            name: "chunks in HTTP/1.0",
            bytes: "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        MalformedRequest(
            name: "a coding after chunked",
            bytes: .request(
                "POST / HTTP/1.1",
                "Transfer-Encoding: chunked, identity",
                body: "0\r\n\r\n"
            )
        ),
        MalformedRequest(
            name: "another coding before chunked",
            bytes: .request(
                "POST / HTTP/1.1",
                "Transfer-Encoding: gzip, chunked",
                body: "0\r\n\r\n"
            ),
            status: 501
        ),
        MalformedRequest(
            name: "chunked twice",
            bytes: .request(
                "POST / HTTP/1.1",
                "Transfer-Encoding: chunked",
                "Transfer-Encoding: chunked",
                body: "0\r\n\r\n"
            )
        ),
        MalformedRequest(name: "no HTTP", bytes: "hello, is anyone there?\r\n\r\n"),
        MalformedRequest(
            name: "a TLS handshake",
            bytes: "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\r\n\r\n"
        ),
        MalformedRequest(name: "HTTP/2's preface", bytes: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        MalformedRequest(name: "HTTP/2.0", bytes: "GET / HTTP/2.0\r\nHost: x\r\n\r\n"),
        MalformedRequest(name: "HTTP/0.9", bytes: "GET /\r\n\r\n"),
        MalformedRequest(name: "a relative target", bytes: .request("GET foo HTTP/1.1")),
        MalformedRequest(name: "a space in the target", bytes: .request("GET /a b HTTP/1.1")),
        MalformedRequest(name: "CONNECT", bytes: .request("CONNECT x:80 HTTP/1.1")),
        MalformedRequest(
            name: "WebSocket",
            bytes: .request("GET / HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket")
        ),
        MalformedRequest(
            name: "another expectation",
            bytes: .request("PUT / HTTP/1.1", "Expect: miracles", "Content-Length: 1"),
            status: 417
        ),
    ]
}
