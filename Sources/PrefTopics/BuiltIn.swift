/// The files that are compiled in: those of `config/tiers.d`.
enum BuiltIn {
    static var files: [TopicSource] {
        embedded.map { name, bytes in
            TopicSource(name: name, text: String(decoding: bytes, as: UTF8.self))
        }
    }

    private static let embedded = [
        ("child-safety.yaml", PackageResources.child_safety_yaml),
        ("crisis.yaml", PackageResources.crisis_yaml),
        ("drugs.yaml", PackageResources.drugs_yaml),
        ("emergency.yaml", PackageResources.emergency_yaml),
        ("everyday.yaml", PackageResources.everyday_yaml),
        ("health.yaml", PackageResources.health_yaml),
        ("identity.yaml", PackageResources.identity_yaml),
        ("law.yaml", PackageResources.law_yaml),
        ("learned.weights", PackageResources.learned_weights),
        ("mental-health.yaml", PackageResources.mental_health_yaml),
        ("minors.yaml", PackageResources.minors_yaml),
        ("money.yaml", PackageResources.money_yaml),
        ("poisoning.yaml", PackageResources.poisoning_yaml),
        ("politics.yaml", PackageResources.politics_yaml),
        ("religion.yaml", PackageResources.religion_yaml),
        ("self-harm.yaml", PackageResources.self_harm_yaml),
        ("sexuality.yaml", PackageResources.sexuality_yaml),
        ("social-questions.yaml", PackageResources.social_questions_yaml),
        ("violence.yaml", PackageResources.violence_yaml),
        ("weapons.yaml", PackageResources.weapons_yaml),
    ]
}
