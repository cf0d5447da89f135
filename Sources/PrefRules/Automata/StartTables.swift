/// The ways in which a group of rules may begin, to be looked up at any place.
///
/// Sendable because its tables are never written once they are made.
@safe final class StartTables: @unchecked Sendable {
    // A window has the classes of four bytes, the latest in bits 8 to 13, so that older ones fall
    // off at the upper end.
    private static let hashFactor: UInt32 = 0x9e37_79b1
    /// By how much a hash is shifted for the word that its bits are in: there are 2048.
    private static let wordShift: UInt32 = 21
    private static let special: UInt32 = 1

    // The classes of bytes, shifted; the bits of hashed windows; the bits of three classes.
    private let classes: UnsafePointer<UInt32>
    private let hashed: UnsafePointer<UInt64>
    private let short: UnsafePointer<UInt64>

    /// Joins the ways in which rules begin.
    init(_ rules: [StartPaths]) {
        var hashed = [UInt64](repeating: 0, count: 1 << (32 - Int(Self.wordShift)))
        var short = [UInt64](repeating: 0, count: 1 << (18 - 6))
        for rule in rules {
            for path in rule.paths {
                let hash = (path << 8) &* Self.hashFactor
                let bits: UInt64 = 1 << UInt64(hash >> 15 & 63) | 1 << UInt64(hash >> 9 & 63)
                hashed[Int(hash >> Self.wordShift)] |= bits
            }
            for path in rule.shortPaths {
                let triple = path & 0x3ffff
                short[Int(triple >> 6)] |= 1 << UInt64(triple & 63)
            }
        }
        unsafe classes = Self.table(
            ByteClass.ofByte.map { $0 == ByteClass.special ? Self.special : UInt32($0) << 8 }
        )
        unsafe self.hashed = Self.table(hashed)
        unsafe self.short = Self.table(short)
    }

    deinit {
        // Safe: nobody else has the tables' addresses.
        unsafe classes.deallocate()
        unsafe hashed.deallocate()
        unsafe short.deallocate()
    }

    /// A table that needs no counting of references where it is read.
    private static func table<Word: BitwiseCopyable>(_ words: [Word]) -> UnsafePointer<Word> {
        // Safe: all words are initialized, and only `deinit` gives them back.
        let table = UnsafeMutableBufferPointer<Word>.allocate(capacity: words.count)
        _ = unsafe table.initialize(from: words)
        return unsafe UnsafePointer(table.baseAddress.unsafelyUnwrapped)
    }

    /// Takes bytes until a window is in the sets.
    ///
    /// A loop without calls, so that all it needs stays in registers.
    /// - Returns: the index behind that window; where there is none, the complement of that of the
    ///   first byte that was not taken.
    @inline(never)
    func nextHit(_ bytes: Span<UInt8>, _ first: Int, _ window: inout UInt32) -> Int {
        let (classes, hashed, short) = unsafe (classes, hashed, short)
        // Safe: `index` is below the count; a byte is below 256, the count of `classes`; 11 bits of
        // a hash are as many as `hashed` has, and 12 bits of three classes as many as `short` has.
        return unsafe bytes.withUnsafeBufferPointer { bytes in
            var latest = window
            defer { window = latest }
            var index = first
            while index < bytes.count {
                let byteClass = unsafe classes[Int(bytes[index])]
                guard byteClass != Self.special else { break }
                latest = latest &<< ByteClass.bits | byteClass
                index &+= 1
                let hash = latest &* Self.hashFactor
                let word = unsafe hashed[Int(hash &>> Self.wordShift)]
                let triple = latest &>> 14
                let threes = unsafe short[Int(triple &>> 6)]
                let inHashed = (word &>> UInt64(hash &>> 15)) & (word &>> UInt64(hash &>> 9))
                if (inHashed | threes &>> UInt64(triple)) & 1 != 0 { return index }
            }
            return ~index
        }
    }
}
