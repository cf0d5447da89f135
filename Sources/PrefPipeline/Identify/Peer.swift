import ChatWire
public import NIOHTTP1
public import PrefModel

/// Who is connected, by the kernel's word, and which app that is.
///
/// Made once a connection; everything that runs for it takes its identity from here.
public struct Peer: Sendable {
    /// The peer's uid.
    public let uid: UInt32
    /// The app's name: the config's, else its systemd unit, else its executable's name.
    public let app: String
    /// Where this app may take an end user's id from, in order; empty for an app that may not.
    public let delegation: [EndUserSource]

    /// Makes a peer.
    public init(uid: UInt32, app: String, delegation: [EndUserSource] = []) {
        self.uid = uid
        self.app = app
        self.delegation = delegation
    }
}

/// Where a delegating app puts the id of its end user.
public enum EndUserSource: String, Sendable, CaseIterable {
    /// `X-Prefd-User`.
    case header
    /// The body's `safety_identifier`.
    case safetyIdentifier = "safety_identifier"
    /// The body's `user`.
    case user
    /// The body's `metadata.user_id`.
    case metadataUserID = "metadata.user_id"
}

extension Peer {
    /// The longest end-user id that is taken, in UTF-8 bytes.
    static let longestEndUserID = 256

    /// Whose preferences apply to a call of this peer: its own user's, or those of the end user that
    /// a delegating app names.
    ///
    /// - Throws: ``Refusal/userNotAllowed`` where an app that may not names an end user.
    public func principal(_ headers: HTTPHeaders) throws(Refusal) -> Principal {
        try principal(OwnFields(headers), body: nil)
    }

    /// The same for a request whose body may hold ids too; only a delegating app's are looked at.
    func principal(
        _ fields: OwnFields,
        body: ChatRequestOutline.EndUserIDs?
    ) throws(Refusal) -> Principal {
        let header = try fields.single("X-Prefd-User")
        if header != nil && delegation.isEmpty { throw .userNotAllowed }
        for source in delegation {
            let id =
                switch source {
                case .header: header
                case .safetyIdentifier: body?.safetyIdentifier
                case .user: body?.user
                case .metadataUserID: body?.metadataUserID
                }
            guard let id, !id.isEmpty else { continue }
            guard id.utf8.count <= Self.longestEndUserID else {
                throw .badHeader(
                    name: "The end user's id",
                    allowed: "at most \(Self.longestEndUserID) bytes"
                )
            }
            return .endUser(app: app, id: id)
        }
        return .user(uid: uid)
    }
}
