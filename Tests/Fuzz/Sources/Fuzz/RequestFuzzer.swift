import ChatWire

/// The dialects that there are.
let dialects = Dialect.allCases

/// A dialect's request rewriter: exactly one block afterwards, the same request otherwise, and the
/// bytes that were there before.
enum RequestFuzzer {
    static let block =
        PreferenceBlock.opening + "\n- Be \"brief\".\n" + PreferenceBlock.closing

    static func check(_ bytes: [UInt8], _ dialect: Dialect) {
        guard let outline = try? dialect.readRequest(bytes.span) else { return }
        require(ReferenceJSON(bytes) != nil, "a request that is not JSON was accepted")

        let bare = Splice.apply(outline.splicesRemovingBlocks(), to: bytes.span)
        let without = read(bare, dialect, "without its blocks")
        require(same(without, outline), "taking the blocks out made it another request")
        if outline.earlierBlockCount == 0 {
            require(bare == bytes, "it changed with no block in it")
        }

        for placement in [PreferenceBlock.Placement.end, .start] {
            let splices = outline.splices(inserting: block, placement: placement)
            guard !splices.isEmpty else { continue }
            let changed = Splice.apply(splices, to: bytes.span)
            let again = read(changed, dialect, "with the block")
            require(same(again, outline), "the block made it another request")
            guard outline.takesBlock else {
                require(changed == bare, "a request that takes no block was changed")
                continue
            }
            require(again.earlierBlockCount == 1, "there is not exactly one block")
            require(count(changed) >= 1, "the block is not among its texts")
            if outline.earlierBlockCount == 0 {
                require(count(changed) == count(bytes) + 1, "the block is there more than once")
                requireOneInsertion(bytes, changed)
            }
            // A conversation comes back with the block in it, turn for turn the same.
            let second = Splice.apply(
                again.splices(inserting: block, placement: placement),
                to: changed.span
            )
            let third = read(second, dialect, "with the block once more")
            require(third.earlierBlockCount == 1, "a block that came back was doubled")
            let repeated = Splice.apply(
                third.splices(inserting: block, placement: placement),
                to: second.span
            )
            require(repeated == second, "the same block gives other bytes every turn")
        }
        if let reminder = outline.splice(reminding: block) {
            let reminded = Splice.apply([reminder], to: bytes.span)
            let again = read(reminded, dialect, "with a reminder")
            require(again.messageCount == outline.messageCount + 1, "the reminder is no message")
        }
        for string in outline.lastUserTexts {
            require(
                string.contents.upperBound < bytes.count
                    && bytes[string.contents.upperBound] == UInt8(ascii: "\""),
                "a user's text ends where no string does"
            )
        }
    }

    private static func read(
        _ bytes: [UInt8],
        _ dialect: Dialect,
        _ what: String
    ) -> ChatRequestOutline {
        require(ReferenceJSON(bytes) != nil, "the request \(what) is no JSON")
        do {
            return try dialect.readRequest(bytes.span)
        } catch { fatalError("the request \(what) is refused: \(error)") }
    }

    private static func same(_ one: ChatRequestOutline, _ other: ChatRequestOutline) -> Bool {
        one.model == other.model && one.stream == other.stream && one.choices == other.choices
            && one.includesUsage == other.includesUsage && one.endUser == other.endUser
            && one.userTurns == other.userTurns
            && one.lastUserTexts.count == other.lastUserTexts.count
    }

    /// How often the block stands in the request's texts.
    private static func count(_ bytes: [UInt8]) -> Int {
        ReferenceJSON(bytes)?.strings().reduce(0) { count, text in
            count + String(decoding: text, as: UTF8.self).ranges(of: block).count
        } ?? 0
    }

    /// What came in front and behind is what was there, but for a `null` that the block stands for.
    private static func requireOneInsertion(_ before: [UInt8], _ after: [UInt8]) {
        let front = zip(before, after).prefix { $0 == $1 }.count
        let back = zip(before[front...].reversed(), after[front...].reversed())
            .prefix { $0 == $1 }.count
        let replaced = before[front..<before.count - back]
        require(
            replaced.isEmpty || "null".utf8.elementsEqual(replaced)
                || "ull".utf8.elementsEqual(replaced) || "nul".utf8.elementsEqual(replaced),
            "more than one place of the request changed"
        )
    }
}
