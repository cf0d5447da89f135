import CLibFuzzer
import FoundationEssentials

/// What fuzzers there are, by name.
///
/// Those of dialects come one for each dialect that there is.
let fuzzers: [String: @Sendable ([UInt8]) -> Void] = {
    var all: [String: @Sendable ([UInt8]) -> Void] = [
        "canary": Canary.check, "json": JSONFuzzer.check, "splice": SpliceFuzzer.check,
        "sse": SSEFuzzer.check, "lines": LineFuzzer.check, "matcher": MatcherFuzzer.check,
    ]
    for dialect in dialects {
        all["request-\(dialect)"] = { RequestFuzzer.check($0, dialect) }
        all["answer-\(dialect)"] = { AnswerFuzzer.check($0, dialect) }
        all["enforcer-\(dialect)"] = { EnforcerFuzzer.check($0, dialect) }
    }
    return all
}()

/// The one that runs: the one named by the environment, since the arguments are libFuzzer's.
private let chosen: @Sendable ([UInt8]) -> Void = {
    let name = ProcessInfo.processInfo.environment["FUZZER"] ?? ""
    guard let fuzzer = fuzzers[name] else { fatalError("there is no fuzzer named '\(name)'") }
    return fuzzer
}()

/// The program's entry: the linker looks for the module's name before `_main`.
@_cdecl("Fuzz_main")
public func fuzzMain(
    _ count: Int32,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
    if ProcessInfo.processInfo.environment["FUZZER"] == nil {
        for name in fuzzers.keys.sorted() { print(name) }
        return 0
    }
    _ = chosen
    var count = count
    var arguments = unsafe arguments
    // libFuzzer reads and shortens the arguments that main was given; both outlive the call. Each
    // input is valid for the one call that it is passed to, and copied there.
    return unsafe LLVMFuzzerRunDriver(&count, &arguments) { data, size in
        unsafe chosen(Array(UnsafeBufferPointer(start: data, count: size)))
        return 0
    }
}

/// Ends the process, and with it the fuzzer's search, where something that must hold does not.
func require(
    _ holds: Bool,
    _ what: @autoclosure () -> String,
    file: StaticString = #file,
    line: UInt = #line
) {
    if !holds { fatalError(what(), file: file, line: line) }
}
