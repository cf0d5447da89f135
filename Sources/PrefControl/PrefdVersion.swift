/// The version that prefd and prefctl carry: one package, one version.
public enum PrefdVersion {
    /// Source: Semantic Versioning 2.0.0.
    public static let current = "0.1.0"
}
