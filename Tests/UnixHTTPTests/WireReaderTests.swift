import NIOCore
import NIOHTTP1
import Testing

@testable import UnixHTTP

/// The readers of a connection's bytes, without a connection.
struct WireReaderTests {
    private static let heads = HeadReader(maxBytes: 200, maxFields: 4)

    /// Reads a body from bytes that come in pieces of one size; nil where its end is missing.
    private func read(
        _ text: String,
        _ framing: BodyReader.Framing,
        pieces size: Int
    ) throws(WireFault) -> (body: String, rest: String)? {
        var reader = BodyReader(framing, trailer: Self.heads)
        var (arriving, unread) = (ByteBuffer(string: text), ByteBuffer())
        var whole = ByteBuffer()
        while let piece = arriving.readSlice(length: min(size, arriving.readableBytes)),
            piece.readableBytes > 0
        {
            unread.writeImmutableBuffer(piece)
            whole.writeImmutableBuffer(try reader.read(from: &unread))
        }
        return reader.isDone ? (String(buffer: whole), String(buffer: unread)) : nil
    }

    @Test("a chunked body is the same wherever its bytes were cut", arguments: 1...60)
    func chunks(size: Int) throws {
        let text = "5\r\nabcde\r\n1;x=\"y\"\r\nf\r\n00A\r\n0123456789\r\n0\r\nX-T: v\r\n\r\nGET"
        let read = try #require(try read(text, .chunked, pieces: size))
        #expect(read.body == "abcdef0123456789")
        #expect(read.rest == "GET")
    }

    @Test("a body with a length takes that much and no more", arguments: 1...12)
    func length(size: Int) throws {
        let read = try #require(try read("0123456789GET", .length(10), pieces: size))
        #expect(read.body == "0123456789")
        #expect(read.rest == "GET")
    }

    @Test(
        "chunks that two readers could read differently are refused",
        arguments: [
            "5 \r\nabcde\r\n0\r\n\r\n", " 5\r\nabcde\r\n0\r\n\r\n", "+5\r\nabcde\r\n0\r\n\r\n",
            "0x5\r\nabcde\r\n0\r\n\r\n", "5\nabcde\r\n0\r\n\r\n", "5;a\nb\r\nabcde\r\n0\r\n\r\n",
            "5\r\nabcdef\r\n0\r\n\r\n", "5\r\nabcde\n0\r\n\r\n", "\r\n0\r\n\r\n",
            "8000000000000000\r\n", "0\r\nX T: v\r\n\r\n", "0\r\nX-T: v\n\r\n",
        ]
    )
    func malformedChunks(text: String) {
        for size in [1, text.utf8.count] {
            #expect(throws: WireFault.self) { try read(text, .chunked, pieces: size) }
        }
    }

    @Test("a trailer obeys the limits of a head")
    func longTrailer() {
        let many = "0\r\n" + String(repeating: "a: b\r\n", count: 5) + "\r\n"
        let long = "0\r\na: " + String(repeating: "b", count: 200) + "\r\n\r\n"
        for text in [many, long] {
            #expect(throws: WireFault.headTooLarge) { try read(text, .chunked, pieces: 1000) }
        }
    }

    @Test("blank lines before a message are left over from the one before it")
    func blankLines() throws {
        var heads = Self.heads
        var bytes = ByteBuffer(string: "\r\n\r\nGET /a?b HTTP/1.1\r\nHost: \t x \r\n\r\n")
        let (head, framing) = try #require(try heads.request(from: &bytes))
        #expect(head.method == .GET)
        #expect(head.target == "/a?b")
        #expect(head.headers == ["Host": "x"])
        #expect(framing.hosts == 1)
        #expect(bytes.readableBytes == 0)
    }

    @Test(
        "a status line may lack its reason",
        arguments: ["HTTP/1.1 200 OK", "HTTP/1.1 200 ", "HTTP/1.1 200", "HTTP/1.0 299 Fine\u{e4}"]
    )
    func statusLines(line: String) throws {
        var heads = Self.heads
        var bytes = ByteBuffer(string: line + "\r\n\r\n")
        let (head, _) = try #require(try heads.response(from: &bytes))
        #expect(head.status.code == UInt(line.hasPrefix("HTTP/1.1") ? 200 : 299))
    }

    @Test(
        "what is no status line is refused",
        arguments: [
            "HTTP/2.0 200 OK", "HTTP/1.1 20 OK", "HTTP/1.1 099 OK", "HTTP/1.1  200 OK",
            "ICY 200 OK",
            "HTTP/1.1 2000 OK", "HTTP/1.1 200 O\u{0}K",
        ]
    )
    func malformedStatusLines(line: String) {
        var heads = Self.heads
        var bytes = ByteBuffer(string: line + "\r\n\r\n")
        #expect(throws: WireFault.self) { try heads.response(from: &bytes) }
    }

    @Test("framing fields are found in any case, and counted")
    func framing() throws {
        var heads = Self.heads
        var bytes = ByteBuffer(
            string: "GET / HTTP/1.1\r\nhOST: x\r\nConnection: Keep-Alive, ,Close\r\n"
                + "TRANSFER-ENCODING: gzip, Chunked\r\ncontent-length: 007\r\n\r\n"
        )
        let (_, framing) = try #require(try heads.request(from: &bytes))
        #expect(framing.hosts == 1 && framing.closes && framing.keepsAlive)
        #expect(framing.codings == 1 && !framing.isChunked && framing.endsWithChunked)
        #expect(framing.lengths == 1 && framing.length == 7)
    }
}
