/// 16 bytes that name something and mean nothing.
struct Opaque<Kind>: Hashable, Sendable {
    static var byteCount: Int { 16 }
    let raw: UInt128

    static func random() -> Opaque {
        var generator = SystemRandomNumberGenerator()
        return Opaque(raw: UInt128(generator.next()) << 64 | UInt128(generator.next()))
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(raw)
        return bytes
    }
}

extension Opaque {
    /// Takes the first 16 bytes of what must be at least as many.
    init(_ bytes: [UInt8], at offset: Int = 0) { raw = bytes.integer(at: offset) }
}

/// Kinds of 16-byte names, so that one cannot be taken for another.
enum Naming {
    enum User {}
    enum Row {}
    enum Index {}
    enum Database {}
}

/// A user's name inside the database: random, known to the keyring alone.
typealias Handle = Opaque<Naming.User>
/// One row's random name.
typealias RowID = Opaque<Naming.Row>
/// The keyring's name for a principal: a keyed hash of the spelling.
typealias IndexTag = Opaque<Naming.Index>
/// What binds a keyring and a database to each other.
typealias DatabaseID = Opaque<Naming.Database>
