import ChatWire
import FoundationEssentials
import PrefModel

// What an exchange leaves behind: its explanation, its counts and its journal events.

extension Exchange {
    mutating func remember(
        _ composition: Composition,
        _ reminder: Splice?,
        outline: ChatRequestOutline,
        backend: Backend
    ) {
        guard let principal = trace.principal, let circumstances = trace.circumstances else {
            return
        }
        trace.applied = composition.injected.count
        if composition.block != nil { pipeline.counters.countPersonalized() }
        pipeline.log.remember(
            Explanation(
                id: id,
                at: Date(),
                endpoint: request.path,
                model: outline.model,
                backend: backend.name,
                context: circumstances.context,
                tier: circumstances.tier,
                topics: trace.topics,
                mode: circumstances.mode,
                block: composition.block,
                reminder: reminder == nil ? nil : composition.reminder,
                injected: composition.injected,
                withheld: composition.withheld,
                experiments: trace.experiments
            ),
            of: principal
        )
    }

    func complete(_ outcome: AnswerOutcome) {
        if let failure = outcome.failure {
            if case .upstream = failure { pipeline.counters.count(failureOf: trace.backend ?? "?") }
            record(
                .backendFailed,
                .error,
                "Broke a stream off: \(failure.code).",
                action: failure.code
            )
        }
        count(outcome)
        pipeline.log.complete(id, of: trace.principal, outcome)
        for rule in outcome.unchecked {
            pipeline.counters.count(unchecked: rule)
            record(
                .ruleUnchecked,
                .warning,
                "The model of a universal rule gave no verdict: \(rule.rule) (\(rule.reason)); the text"
                    + " was treated as \(rule.treatedAs.rawValue).",
                rule: rule.rule,
                more: ["PREFD_REASON": rule.reason, "PREFD_TREATED_AS": rule.treatedAs.rawValue]
            )
        }
        for hit in outcome.hits {
            pipeline.counters.count(rule: hit.rule, action: hit.action)
            record(
                hit.action == "block" ? .answerBlocked : .ruleFired,
                .notice,
                "A universal rule acted on an answer: \(hit.rule) (\(hit.action)).",
                rule: hit.rule,
                action: hit.action
            )
        }
        record(
            .requestServed,
            .info,
            "Served \(Endpoint.pattern(of: request.path)).",
            more: ["PREFD_STATUS": String(outcome.status)]
        )
    }

    private func count(_ outcome: AnswerOutcome) {
        guard let turn = trace.turn, let backend = trace.backend else { return }
        pipeline.counters.count(
            ExchangeMeasures(
                status: outcome.status,
                operation: request.operation,
                backend: backend,
                began: began,
                total: .now - began,
                queued: turn.queued,
                untilSent: turn.began - began - (turn.queued ?? .zero),
                response: turn.response,
                answer: outcome.times,
                heldBytes: outcome.heldBytes
            ),
            in: request.family
        )
    }

    func record(
        _ kind: EventKind,
        _ priority: Event.Priority,
        _ message: String,
        rule: String? = nil,
        action: String? = nil,
        more: [String: String] = [:]
    ) {
        let took = ContinuousClock.now - began
        var more = more
        if more["PREFD_BACKEND"] == nil { more["PREFD_BACKEND"] = trace.backend }
        pipeline.events.record(
            Event(
                kind,
                priority: priority,
                message: message,
                requestID: id,
                pseudonym: trace.pseudonym,
                app: peer.app,
                tier: trace.circumstances?.tier,
                rule: rule,
                action: action,
                durationMicroseconds: took.wholeMicroseconds,
                more: more
            )
        )
    }
}

/// What an exchange has found out so far, for its headers and its record.
struct ExchangeTrace {
    var principal: Principal?
    /// What stands for the principal in the journal; a keyed hash, so made once.
    var pseudonym: String?
    var circumstances: Circumstances?
    var topics: [TopicFinding] = []
    var backend: String?
    var turn: Turn?
    var applied = 0
    var experiments: [ExperimentArm] = []
    var tier: Tier { circumstances?.tier ?? .personalizable }

    mutating func identified(
        _ principal: Principal,
        as pseudonym: String,
        _ circumstances: Circumstances
    ) {
        self.principal = principal
        self.pseudonym = pseudonym
        self.circumstances = circumstances
    }
}
