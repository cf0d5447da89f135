internal import ArgumentParser
internal import PrefControl
internal import PrefModel

/// `prefctl doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look for what is wrong with prefd here, and say how to mend it.",
        discussion: """
            Exit status: 0 where nothing is wrong (there may be warnings), 1 where something is, 3 where prefd \
            cannot be reached; what can be seen without it is looked at all the same. An admin sees more.
            """
    )

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var examination = Examination(
            dataPath: connection.dataPath,
            adminPath: connection.adminPath,
            data: connection.client(),
            admin: connection.adminClient()
        )
        await examination.run()
        let report = DoctorReport(
            version: PrefdVersion.current,
            ok: !examination.findings.contains { $0.state == .problem },
            findings: examination.findings
        )
        try output.show(report, DoctorViews.report)
        if !examination.isReachable { throw ExitStatus.unreachable }
        if !report.ok { throw ExitStatus.failed }
    }
}

/// What `prefctl doctor` found.
struct DoctorReport: Codable {
    /// prefctl's version.
    let version: String
    /// Whether there is no problem.
    let ok: Bool
    let findings: [Finding]
}
