import NIOCore
import PrefModel
import PrefRules

/// Carries out the rules on a body that is plain text, such as a proxy's error page.
enum PlainTextEnforcer {
    static func enforce(_ body: ByteBuffer, rules: RuleSet) -> (ByteBuffer, [RuleHit]) {
        var scanner = rules.scanner(for: .output)
        scanner.feed(body.readableBytesUInt8Span)
        scanner.finish()
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
            copy(body, position..<verdict.range.lowerBound, to: &out)
            out.writeString(verdict.action.replacement)
            position = verdict.range.upperBound
        }
        guard position > 0 else { return (body, hits) }
        copy(body, position..<body.readableBytes, to: &out)
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
