import Crypto
import PrefModel
import TestSupport
import Testing

@testable import PrefStore

@Suite("Sealing")
struct SealingTests {
    private let key = SymmetricKey(size: .bits256)
    private let address: [UInt8] = Array("where it is".utf8)

    @Test("what is sealed opens with the same key at the same address only")
    func binds() throws {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<200 {
            let text = (0..<Int.random(in: 0...5_000, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            let sealed = try Envelope.record.seal(text, under: key, at: address)
            let opened = try Envelope.record.open(sealed.bytes, under: key, at: address)
            #expect(opened.text == text)
            #expect(opened.setTag == sealed.setTag)
            #expect(sealed.bytes.count == text.count + Envelope.overhead)
            let other = SymmetricKey(size: .bits256)
            #expect(throws: Envelope.Damaged.self) {
                try Envelope.record.open(sealed.bytes, under: other, at: address)
            }
            #expect(throws: Envelope.Damaged.self) {
                try Envelope.record.open(sealed.bytes, under: key, at: address + [0])
            }
            #expect(throws: Envelope.Damaged.self) {
                try Envelope.keyringEntry.open(sealed.bytes, under: key, at: address)
            }
        }
    }

    @Test("every flipped bit and every lost byte is noticed")
    func notices() throws {
        let sealed = try Envelope.record.seal(Array("text".utf8), under: key, at: address).bytes
        for bit in 0..<(sealed.count * 8) {
            var changed = sealed
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: Envelope.Damaged.self) {
                try Envelope.record.open(changed, under: key, at: address)
            }
        }
        for count in 0..<sealed.count {
            #expect(throws: Envelope.Damaged.self) {
                try Envelope.record.open(Array(sealed.prefix(count)), under: key, at: address)
            }
        }
    }

    @Test("two seals of one text share nothing")
    func isFresh() throws {
        let text = [UInt8](repeating: 7, count: 256)
        let first = try Envelope.record.seal(text, under: key, at: address)
        let second = try Envelope.record.seal(text, under: key, at: address)
        #expect(first.setTag != second.setTag)
        #expect(zip(first.bytes, second.bytes).filter(==).count < 20)
    }

    @Test("lengths show as one of few sizes")
    func pads() throws {
        var sizes: Set<Int> = []
        for count in 0..<9_000 {
            let padded = Padding.pad([UInt8](repeating: 1, count: count))
            sizes.insert(padded.count)
            #expect(try Padding.unpad(padded).count == count)
        }
        #expect(sizes == [256, 512, 1024, 2048, 4096, 8192, 12_288])
        var wrong = Padding.pad([1, 2, 3])
        wrong[0] = 255
        wrong[1] = 255
        #expect(throws: Envelope.Damaged.self) { try Padding.unpad(wrong) }
    }

    @Test("a set's sum is the same in any order and differs for any other set")
    func sums() {
        var generator = SeededGenerator(seed: 2)
        let tags = (0..<20).map { _ in
            SetDigest((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
        func sum(_ tags: some Sequence<SetDigest>) -> SetDigest {
            tags.reduce(into: .empty) { $0.toggle($1) }
        }
        #expect(sum(tags) == sum(tags.shuffled(using: &generator)))
        for left in 0..<tags.count {
            #expect(sum(tags) != sum(tags.enumerated().filter { $0.offset != left }.map(\.element)))
        }
    }

    @Test("a head record reads back, and no prefix of it does")
    func headReadsBack() throws {
        var head = UserHead(principal: "app:wéb/user:\u{1F600}", today: 20_000)
        head.counter = 77
        head.standing = [.preferences, .share(app: "editor")]
        head.add(SetDigest([UInt8](repeating: 3, count: 32)), to: .preferences)
        head.add(SetDigest([UInt8](repeating: 4, count: 32)), to: ScopeCode.implicit.excerpts)
        let bytes = head.encode()
        #expect(try UserHead(decoding: bytes) == head)
        for count in 0..<bytes.count {
            #expect(throws: Envelope.Damaged.self) {
                try UserHead(decoding: Array(bytes.prefix(count)))
            }
        }
    }

    @Test("base 32 is RFC 4648's")
    func base32() {
        let vectors = ["": "", "f": "my", "fo": "mzxq", "foo": "mzxw6", "foobar": "mzxw6ytboi"]
        for (text, encoded) in vectors { #expect(Base32.encode(Array(text.utf8)) == encoded) }
    }
}
