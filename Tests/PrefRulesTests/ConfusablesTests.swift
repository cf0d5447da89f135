import Foundation
import Testing

@testable import PrefRules

/// The test data beside the repository, where there is one.
private let confusables: String? = {
    let file = "unicode-confusables/confusables.txt.gz"
    if let directory = ProcessInfo.processInfo.environment["PREFD_TEST_DATA"] {
        let path = directory + "/" + file
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }
    var directory = URL(filePath: #filePath).deletingLastPathComponent()
    while directory.path != "/" {
        directory.deleteLastPathComponent()
        let path = directory.appending(path: "shared/data/" + file).path
        if FileManager.default.fileExists(atPath: path) { return path }
    }
    return nil
}()

// Skipped where the data is not there; in CI its absence is a failure.
private let isRun = confusables != nil || ProcessInfo.processInfo.environment["CI"] == "true"

@Suite("Confusables")
struct ConfusablesTests {
    @Test(
        "nearly all of Unicode's confusables of ASCII letters and digits are seen",
        .enabled(if: isRun)
    )
    func coverage() throws {
        let path = try #require(confusables, "the test data is missing")
        let unzip = Process()
        let output = Pipe()
        unzip.executableURL = URL(filePath: "/usr/bin/env")
        unzip.arguments = ["gzip", "-dc", path]
        unzip.standardOutput = output
        try unzip.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        unzip.waitUntilExit()
        var total = 0
        var missed: [String] = []
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
            guard fields.count > 2, let source = UInt32(fields[0], radix: 16), source >= 0x80,
                let target = UInt32(fields[1], radix: 16), target < 0x80,
                Character(Unicode.Scalar(UInt8(target))).isLetter
                    || Character(Unicode.Scalar(UInt8(target))).isNumber
            else { continue }
            total += 1
            let wanted = SymbolSet(target).withBothCases
            // Decimal digits of all scripts are digits first, whatever they look like.
            let seen: Bool
            switch FoldTable.shared.folding(of: source) {
            case .symbol(let symbol) where symbol >= FoldTable.firstLookAlike:
                let index = Int(symbol - FoldTable.firstLookAlike)
                let readings = FoldTable.shared.lookAlikes[index].readings
                seen = readings.contains(where: wanted.contains)
            case .symbol(let symbol):
                seen = wanted.contains(symbol) || SymbolSet.digits.contains(symbol)
            case .same, .format, .mark, .sequence: seen = false
            }
            if !seen { missed.append(fields[0]) }
        }
        #expect(total > 1000)
        #expect(
            Double(missed.count) < 0.03 * Double(total),
            "\(missed.count) of \(total): \(missed)"
        )
    }
}
