/// The choices of a whole chat completion as they stand in it, to be put into another order.
public struct ChoiceList: Sendable {
    /// One choice.
    struct Choice: Sendable {
        /// Where the object stands.
        let range: Range<Int>
        /// Where the value of its `index` stands; nil where it has none.
        var index: Range<Int>?
        var text = ""
    }

    private var choices: [Choice] = []

    /// The text of each choice's message, in order; empty where it has none.
    public var texts: [String] { choices.map(\.text) }

    /// Reads a validated answer; nil where it has no choices.
    public init?(_ body: Span<UInt8>) {
        let root = JSON.root(body)
        guard JSON.kind(body, at: root) == .object else { return nil }
        var members = JSONMembers(objectAt: root)
        while let member = members.next(in: body) {
            guard member.isNamed("choices", body), JSON.kind(body, at: member.value) == .array
            else {
                continue
            }
            var elements = JSONElements(arrayAt: member.value)
            while let element = elements.next(in: body) {
                guard JSON.kind(body, at: element) == .object else { return nil }
                choices.append(Self.choice(body, at: element))
            }
        }
        if choices.isEmpty { return nil }
    }

    private static func choice(_ body: Span<UInt8>, at offset: Int) -> Choice {
        var choice = Choice(range: offset..<JSON.end(body, ofValueAt: offset))
        var members = JSONMembers(objectAt: offset)
        while let member = members.next(in: body) {
            switch JSON.kind(body, at: member.value) {
            case .number where member.isNamed("index", body):
                choice.index = member.value..<JSON.end(body, ofValueAt: member.value)
            case .object where member.isNamed("message", body):
                var inner = JSONMembers(objectAt: member.value)
                while let part = inner.next(in: body) {
                    guard part.isNamed("content", body), JSON.kind(body, at: part.value) == .string
                    else { continue }
                    choice.text = JSONString.decoded(body, JSONString.scan(body, at: part.value))
                }
            default: break
            }
        }
        return choice
    }

    /// The answer with its choices in another order, each with the index of its new place; every other
    /// byte stays.
    ///
    /// - Parameters:
    ///   - order: for each place, which choice comes there: each once.
    ///   - body: the answer that was read.
    /// - Returns: the answer's bytes.
    public func reordered(_ order: [Int], in body: Span<UInt8>) -> [UInt8] {
        precondition(order.sorted() == Array(choices.indices), "each choice comes once")
        var splices: [Splice] = []
        for (place, from) in order.enumerated() {
            var bytes: [UInt8] = []
            let choice = choices[from]
            if let index = choice.index {
                bytes.append(body, choice.range.lowerBound..<index.lowerBound)
                bytes += Array(String(place).utf8)
                bytes.append(body, index.upperBound..<choice.range.upperBound)
            } else {
                bytes.append(body, choice.range)
            }
            splices.append(Splice(choices[place].range, bytes))
        }
        return Splice.apply(splices, to: body)
    }
}
