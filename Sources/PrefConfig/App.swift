extension Configuration {
    /// One program that connects, and what it is trusted with.
    public struct App: Sendable, Hashable {
        /// What the kernel must say of a peer for it to be this app: each field that is set.
        ///
        /// The uid is certain. Executable and unit are looked up by the peer's pid, which another
        /// process may have by then: with a uid beside them they narrow, alone they only label.
        public struct Match: Sendable, Hashable {
            /// The peer's uid.
            public var uid: UInt32?
            /// The absolute path of the peer's executable.
            public var executable: String?
            /// The peer's systemd system unit.
            public var unit: String?

            /// Makes a match; what is not given is not asked.
            public init(uid: UInt32? = nil, executable: String? = nil, unit: String? = nil) {
                self.uid = uid
                self.executable = executable
                self.unit = unit
            }

            /// Whether a peer matches.
            ///
            /// A match without any field holds for nobody.
            public func holds(uid: UInt32, executable: String?, unit: String?) -> Bool {
                if self.uid == nil && self.executable == nil && self.unit == nil { return false }
                if let wanted = self.uid, wanted != uid { return false }
                if let wanted = self.executable, wanted != executable { return false }
                if let wanted = self.unit, wanted != unit { return false }
                return true
            }
        }

        /// Where a delegating app says which end user it speaks for.
        public enum UserSource: String, Sendable, CaseIterable {
            /// The header `X-Prefd-User`.
            case header
            /// The body's `safety_identifier`.
            case safetyIdentifier = "safety_identifier"
            /// The body's `user`.
            case user
            /// The body's `metadata.user_id`.
            case metadataUserID = "metadata.user_id"
        }

        /// The name, as in `app:NAME/user:ID` and in preferences' contexts.
        public var name: String
        /// Who it is.
        public var match: Match
        /// Whether it may speak for end users of its own.
        public var delegate = false
        /// Where it names them, the first that is there; only of use with `delegate`.
        public var userFrom: [UserSource] = [.header]

        /// Makes an app with every other setting at its default.
        public init(name: String, match: Match) {
            self.name = name
            self.match = match
        }
    }
}
