import NIOCore
import PrefModel
import PrefRules

/// Carries out the rules on a body that is plain text, such as a proxy's error page.
struct PlainTextEnforcer {
    private let body: ByteBuffer
    private var scanner: TextScanner

    /// Looks at a body.
    init(_ body: ByteBuffer, rules: RuleSet) {
        self.body = body
        scanner = rules.scanner(for: .output)
        scanner.feed(body.readableBytesUInt8Span)
        scanner.finish()
    }

    /// What models are to be asked about it.
    mutating func takeQuestions() -> [ClassifierQuestion] { scanner.takeQuestions() }

    mutating func answer(_ question: ClassifierQuestion, isUnsafe: Bool) {
        scanner.answer(question, isUnsafe: isUnsafe)
    }

    /// The body as it may be shown, and what fired.
    mutating func enforced() -> (ByteBuffer, [RuleHit]) {
        var out = ByteBuffer()
        var hits: [RuleHit] = []
        var position = 0
        for verdict in scanner.takeVerdicts() {
            for rule in verdict.ruleIDs {
                hits.append(
                    RuleHit(rule: rule, action: verdict.action.name, surface: "output", choice: 0)
                )
            }
            guard verdict.action.changesMatch else { continue }
            Self.copy(body, position..<verdict.range.lowerBound, to: &out)
            out.writeString(verdict.action.replacement)
            position = verdict.range.upperBound
        }
        guard position > 0 else { return (body, hits) }
        Self.copy(body, position..<body.readableBytes, to: &out)
        return (out, hits)
    }

    private static func copy(_ body: ByteBuffer, _ range: Range<Int>, to out: inout ByteBuffer) {
        guard
            let slice = body.getSlice(at: body.readerIndex + range.lowerBound, length: range.count)
        else { return }
        out.writeImmutableBuffer(slice)
    }
}

extension RuleAction {
    /// What stands in place of a match where an answer has no way to end.
    var replacement: String {
        switch self {
        case .redact(let text), .replace(let text): text
        case .block, .append, .flag: Self.defaultRedaction
        }
    }
}
