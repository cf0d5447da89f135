internal import PrefModel

/// One user's head record: who it is, and what all other records of the user add up to.
///
/// It is what makes a missing, added or older row noticed: every write changes the sums, the
/// counter and the chain. Binary, since every write writes it.
struct UserHead: Equatable, Sendable {
    /// How many records of one set there are, and their sum.
    struct Sum: Equatable, Sendable {
        var count: UInt64
        var digest: SetDigest

        static let empty = Sum(count: 0, digest: .empty)
    }

    let principal: String
    let firstDay: UInt64
    var lastDay: UInt64
    /// The user's writes so far; also the head record's version.
    var counter: UInt64
    /// HMAC over the last link and what this write left.
    var chain: [UInt8]
    var standing: [ConsentScope]
    var sums: [SetName: Sum]

    static let firstLink = [UInt8](repeating: 0, count: 32)

    init(principal: String, today: UInt64) {
        self.principal = principal
        firstDay = today
        lastDay = today
        counter = 0
        chain = Self.firstLink
        standing = []
        sums = [:]
    }

    /// Closes a write: counts it and links it to those before.
    mutating func advance(today: UInt64, keys: UserKeys) {
        counter += 1
        lastDay = today
        chain = keys.link(after: chain, covering: encode(withChain: false))
    }

    func sum(of set: SetName) -> Sum { sums[set] ?? .empty }

    mutating func add(_ tag: SetDigest, to set: SetName) {
        var sum = sum(of: set)
        sum.count += 1
        sum.digest.toggle(tag)
        sums[set] = sum
    }

    mutating func remove(_ tag: SetDigest, from set: SetName) {
        var sum = sum(of: set)
        sum.count -= sum.count > 0 ? 1 : 0
        sum.digest.toggle(tag)
        sums[set] = sum
    }

    mutating func clear(_ set: SetName) { sums[set] = nil }
}

extension UserHead {
    private static let format: UInt8 = 1

    func encode(withChain: Bool = true) -> [UInt8] {
        var bytes = [Self.format]
        bytes.append(text: principal)
        bytes.append(firstDay)
        bytes.append(lastDay)
        bytes.append(counter)
        if withChain { bytes += chain }
        bytes.append(UInt16(standing.count))
        for scope in standing { bytes.append(text: scope.description) }
        bytes.append(UInt16(sums.count))
        for (set, sum) in sums.sorted(by: { $0.key < $1.key }) {
            bytes.append(set.table.rawValue)
            bytes.append(set.scope)
            bytes.append(sum.count)
            bytes += sum.digest.bytes
        }
        return bytes
    }

    init(decoding bytes: [UInt8]) throws(Envelope.Damaged) {
        var reader = ByteReader(bytes)
        guard try reader.integer(as: UInt8.self) == Self.format else { throw Envelope.Damaged() }
        principal = try reader.text()
        firstDay = try reader.integer()
        lastDay = try reader.integer()
        counter = try reader.integer()
        chain = try reader.bytes(32)
        standing = []
        for _ in 0..<(try reader.integer(as: UInt16.self)) {
            guard let scope = ConsentScope(name: try reader.text()) else {
                throw Envelope.Damaged()
            }
            standing.append(scope)
        }
        sums = [:]
        for _ in 0..<(try reader.integer(as: UInt16.self)) {
            guard let table = Table(rawValue: try reader.integer()) else {
                throw Envelope.Damaged()
            }
            let set = SetName(table: table, scope: try reader.integer())
            sums[set] = Sum(
                count: try reader.integer(),
                digest: SetDigest(try reader.bytes(SetDigest.byteCount))
            )
        }
    }
}

/// Reads what `UserHead` writes, and never past the end.
private struct ByteReader {
    private let all: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { all = bytes }

    mutating func bytes(_ count: Int) throws(Envelope.Damaged) -> [UInt8] {
        guard all.count - position >= count else { throw Envelope.Damaged() }
        defer { position += count }
        return Array(all[position..<(position + count)])
    }

    mutating func integer<Integer: FixedWidthInteger & UnsignedInteger>(
        as type: Integer.Type = Integer.self
    ) throws(Envelope.Damaged) -> Integer {
        try bytes(Integer.bitWidth / 8).integer(at: 0)
    }

    mutating func text() throws(Envelope.Damaged) -> String {
        let count = Int(try integer(as: UInt16.self))
        guard let text = String(validating: try bytes(count), as: UTF8.self) else {
            throw Envelope.Damaged()
        }
        return text
    }
}

extension [UInt8] {
    fileprivate mutating func append(text: String) {
        append(UInt16(truncatingIfNeeded: text.utf8.count))
        self += Array(text.utf8)
    }
}
