internal import CTextBlocks

/// How rules may begin with a word or a sign, to be looked up in blocks of text.
///
/// Sets hold the first four bytes, and the first three for rules that allow nearly anything behind
/// them. They may say yes by chance, and never no.
///
/// Sendable because they are never written once they are made.
@safe final class StartSets: @unchecked Sendable {
    /// How many places are looked at together.
    static let blockCount = Int(TEXT_BLOCK_COUNT)

    private let search: UnsafeMutablePointer<text_search>

    /// Joins the ways in which rules begin.
    ///
    /// - Parameters:
    ///   - words: rules that begin with a word or a sign.
    ///   - capitals: rules that begin with a word that has two capitals or digits first.
    ///   - signs: whether any begins with a sign.
    ///   - mark: a byte to look for besides.
    init(words: [StartPaths], capitals: [StartPaths], signs: Bool, mark: UInt8?) {
        unsafe search = .allocate(capacity: 1)
        unsafe search.initialize(
            to: text_search(
                words: Self.sets(words),
                capitals: Self.sets(capitals),
                signs: signs,
                mark: mark ?? 0
            )
        )
    }

    deinit {
        // Safe: nobody else has the sets' addresses.
        unsafe Self.deallocate(search.pointee.words)
        unsafe Self.deallocate(search.pointee.capitals)
        unsafe search.deallocate()
    }

    /// Looks at the block from a place on.
    @inline(__always)
    func look(_ bytes: Span<UInt8>, from first: Int, afterWord: Bool) -> text_block {
        // Safe: all bytes behind `first` are there, and that it has read them is over on return.
        unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe text_block_at(
                bytes.baseAddress.unsafelyUnwrapped + first,
                bytes.count &- first,
                afterWord,
                search
            )
        }
    }

    // Safe, all below: sets are as large as they say, and beginnings have their bytes.

    private static func sets(_ rules: [StartPaths]) -> text_sets {
        func set() -> UnsafeMutablePointer<UInt64> {
            let words = Int(TEXT_SET_WORDS)
            let set = UnsafeMutablePointer<UInt64>.allocate(capacity: words)
            unsafe set.initialize(repeating: 0, count: words)
            return unsafe set
        }
        let sets = unsafe text_sets(fours: set(), threes: set())
        for rule in rules {
            for path in rule.paths {
                guard let four = folded(path, count: StartPaths.depth) else { continue }
                unsafe text_sets_add_four(sets, four)
            }
            for path in rule.shortPaths {
                guard let three = folded(path, count: StartPaths.depth - 1) else { continue }
                unsafe text_sets_add_three(sets, three)
            }
        }
        return unsafe sets
    }

    private static func deallocate(_ sets: text_sets) {
        unsafe sets.fours.deallocate()
        unsafe sets.threes.deallocate()
    }

    /// The bytes of a path as blocks have them; nil where a class has none.
    private static func folded(_ path: UInt32, count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        for place in (0..<count).reversed() {
            let byteClass = Int(path >> (UInt32(place) * ByteClass.bits)) & (ByteClass.count - 1)
            guard let byte = foldedOfClass[byteClass] else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static let foldedOfClass = ByteClass.members.map { members in
        members.first.map { text_folded(UInt8($0)) }
    }
}
