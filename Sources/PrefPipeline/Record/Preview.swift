import FoundationEssentials
import NIOCore
import PrefModel

/// What a request asks for with `X-Prefd-Mode: preview`: what would have been sent, and why.
enum Preview {
    private struct Decision: Encodable {
        let requestID: String
        let tier: Tier
        let topics: [TopicFinding]
        let applied: Int
        let backend: String
        let block: String?
        let injected: [Directive]
        let withheld: [WithheldDirective]

        private enum CodingKeys: String, CodingKey {
            case requestID = "request_id"
            case tier, topics, applied, backend, block, injected, withheld
        }
    }

    /// The preview's JSON.
    ///
    /// Its last member, `body`, is the rewritten request byte for byte.
    static func json(
        requestID: String,
        tier: Tier,
        topics: [TopicFinding],
        composition: Composition,
        backend: String,
        body: ByteBuffer
    ) throws -> ByteBuffer {
        let decision = try PrefJSON.encode(
            Decision(
                requestID: requestID,
                tier: tier,
                topics: topics,
                applied: composition.injected.count,
                backend: backend,
                block: composition.block,
                injected: composition.injected,
                withheld: composition.withheld
            )
        )
        var json = ByteBuffer(bytes: decision.dropLast())
        json.writeString(#","body":"#)
        json.writeImmutableBuffer(body)
        json.writeString("}")
        return json
    }
}
