/// Where a secret is kept; never the secret itself.
public enum SecretSource: Sendable, Hashable {
    /// A systemd credential of this name, in `$CREDENTIALS_DIRECTORY`.
    case credential(String)
    /// A file of this absolute path, readable by its owner only.
    case file(String)
}
