/// What can happen in prefd that an admin may want to read about.
///
/// Each kind has a fixed journal `MESSAGE_ID`, explained by an entry of the message catalog
/// (`systemd/prefd.catalog`). Ids never change and are never reused.
public enum EventKind: String, Sendable, CaseIterable {
    case started, stopping, reloaded, configRejected = "config-rejected", rulesRejected =
        "rules-rejected"
    case requestServed = "request-served", requestRefused = "request-refused", previewServed =
        "preview-served"
    case ruleFired = "rule-fired", answerBlocked = "answer-blocked"
    case ruleUnchecked = "rule-unchecked"
    case backendFailed = "backend-failed", clientGone = "client-gone"
    case backendSuspended = "backend-suspended", backendRestored = "backend-restored"
    case backendFallback = "backend-fallback"
    case preferenceChanged = "preference-changed", preferenceRefused = "preference-refused"
    case consentGranted = "consent-granted", consentWithdrawn = "consent-withdrawn"
    case signalRecorded = "signal-recorded", signalRefused = "signal-refused"
    case userForgotten = "user-forgotten", adminAction = "admin-action"
    case storeUnavailable = "store-unavailable", identityRefused = "identity-refused"
    case keyRotated = "key-rotated"
    case storeRestored = "store-restored", clockDoubted = "clock-doubted"
    case auditCheckpoint = "audit-checkpoint", auditBroken = "audit-broken"

    /// The journal's `MESSAGE_ID`: 32 lower-case hex digits.
    public var messageID: String {
        let serial: UInt64 =
            switch self {
            case .started: 0x01
            case .stopping: 0x02
            case .reloaded: 0x03
            case .configRejected: 0x04
            case .rulesRejected: 0x05
            case .requestServed: 0x10
            case .requestRefused: 0x11
            case .previewServed: 0x12
            case .ruleFired: 0x20
            case .answerBlocked: 0x21
            case .ruleUnchecked: 0x22
            case .backendFailed: 0x30
            case .clientGone: 0x31
            case .backendSuspended: 0x32
            case .backendRestored: 0x33
            case .backendFallback: 0x34
            case .preferenceChanged: 0x40
            case .preferenceRefused: 0x41
            case .consentGranted: 0x42
            case .consentWithdrawn: 0x43
            case .signalRecorded: 0x44
            case .signalRefused: 0x45
            case .userForgotten: 0x46
            case .adminAction: 0x50
            case .storeUnavailable: 0x51
            case .identityRefused: 0x52
            case .keyRotated: 0x60
            case .storeRestored: 0x53
            case .clockDoubted: 0x54
            case .auditCheckpoint: 0x61
            case .auditBroken: 0x62
            }
        let digits = String(serial, radix: 16)
        return "5e1f0b6c9a7d4e2f8c3a1d94b7e6f0" + (digits.count == 1 ? "0" + digits : digits)
    }
}

/// One thing that happened, with its structured fields.
///
/// Never holds a prompt, an answer, a preference's text or a user id: `message` is made of fixed
/// words and of what the other fields hold.
public struct Event: Sendable {
    /// How much it matters: the syslog priorities that prefd uses.
    public enum Priority: Int, Sendable {
        case error = 3
        case warning = 4
        case notice = 5
        case info = 6
        case debug = 7
    }

    /// What happened.
    public let kind: EventKind
    /// How much it matters.
    public let priority: Priority
    /// One line for people.
    public let message: String
    /// `PREFD_REQUEST_ID`.
    public var requestID: String?
    /// `PREFD_PRINCIPAL`: a keyed pseudonym, never an id.
    public var pseudonym: String?
    /// `PREFD_APP`.
    public var app: String?
    /// `PREFD_TIER`.
    public var tier: Tier?
    /// `PREFD_RULE`.
    public var rule: String?
    /// `PREFD_ACTION`: a rule's action, or what an admin did.
    public var action: String?
    /// `PREFD_DURATION_US`, in microseconds.
    public var durationMicroseconds: Int64?
    /// Further fields by journal name (`PREFD_…`), numbers and fixed words only.
    public var more: [String: String]

    /// Makes an event; what is not given is left out of the journal entry.
    public init(
        _ kind: EventKind,
        priority: Priority = .info,
        message: String,
        requestID: String? = nil,
        pseudonym: String? = nil,
        app: String? = nil,
        tier: Tier? = nil,
        rule: String? = nil,
        action: String? = nil,
        durationMicroseconds: Int64? = nil,
        more: [String: String] = [:]
    ) {
        self.kind = kind
        self.priority = priority
        self.message = message
        self.requestID = requestID
        self.pseudonym = pseudonym
        self.app = app
        self.tier = tier
        self.rule = rule
        self.action = action
        self.durationMicroseconds = durationMicroseconds
        self.more = more
    }

    /// The journal fields, in a stable order.
    public var fields: [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        fields.reserveCapacity(12 + more.count)
        func add(_ name: String, _ value: String?) {
            if let value { fields.append((name, value)) }
        }
        add("MESSAGE", message)
        add("MESSAGE_ID", kind.messageID)
        add("PRIORITY", String(priority.rawValue))
        add("PREFD_EVENT", kind.rawValue)
        add("PREFD_REQUEST_ID", requestID)
        add("PREFD_PRINCIPAL", pseudonym)
        add("PREFD_APP", app)
        add("PREFD_TIER", tier?.rawValue)
        add("PREFD_RULE", rule)
        add("PREFD_ACTION", action)
        add("PREFD_DURATION_US", durationMicroseconds.map(String.init))
        for (name, value) in more.sorted(by: { $0.key < $1.key }) { fields.append((name, value)) }
        return fields
    }
}

/// Where events go.
///
/// Recording one never fails and never waits.
public protocol EventSink: Sendable {
    /// Takes one event.
    func record(_ event: Event)
}
