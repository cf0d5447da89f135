import Foundation
import PrefModel
import PrefStore

/// Makes and measures one store; see README.md.
struct Benchmark {
    static let writers = 64
    static let fillers = 256
    /// Fewer than prefd keeps in memory, so that the second look finds all of them there.
    static let lookups = 1_500
    static let measuredSeconds = 5.0

    let path: String
    let users: Int
    let signals: Int

    func open() async throws -> Store {
        let key = try MasterKey.loadOrCreate(file: path + "/key", store: path + "/state")
        return try await Store.open(directory: path + "/state", key: key)
    }

    func user(_ number: Int) -> Principal { .user(uid: UInt32(number)) }

    /// Fills the store, and gives durable writes a second.
    func fill() async throws -> Double {
        let store = try await open()
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<Self.fillers {
                group.addTask {
                    for number in stride(from: writer, to: users, by: Self.fillers) {
                        try await settle(user(number), in: store)
                    }
                }
            }
            try await group.waitForAll()
        }
        let seconds = (ContinuousClock.now - start).seconds
        await store.checkpointAndClose()
        return Double(users * (2 + signals)) / seconds
    }

    private func settle(_ user: Principal, in store: Store) async throws {
        _ = try await store.set(
            [(key("verbosity"), "concise"), (key("tone"), "casual")],
            of: user
        )
        try await store.grant(
            .signalsExplicit,
            of: user,
            method: .api,
            retentionSeconds: 365 * 86_400
        )
        for _ in 0..<signals { try await store.record(signal(), of: user) }
    }

    private func key(_ dimension: String) -> PreferenceKey {
        PreferenceKey(dimension: DimensionID(rawValue: dimension), context: PreferenceContext())
    }

    private func signal() -> Signal {
        Signal(
            id: "s-\(UInt64.random(in: 0...UInt64.max))",
            requestID: "r-\(UInt64.random(in: 0...UInt64.max))",
            kind: .rating,
            at: Date(),
            rating: 5,
            context: RequestContext(app: "benchmark"),
            directives: [],
            features: ["answer": TextFeatures(version: 1, values: ["words": 12, "lists": 1])],
            excerpts: [:]
        )
    }

    /// Measures a store that is there, and prints its line.
    func measure(fill: String) async throws {
        let start = ContinuousClock.now
        let store = try await open()
        let opening = ContinuousClock.now - start
        let memory = residentMiB()
        let some = (0..<min(Self.lookups, users)).map { _ in user(.random(in: 0..<users)) }
        let cold = try await lookUp(Array(Set(some)), in: store)
        let warm = try await lookUp(some, in: store)
        let used = residentMiB()
        let health = await store.health()
        let size = Double(health.databaseBytes + health.keyringBytes) / Double(users)
        let alone = try await write(1, in: store)
        let together = try await write(Self.writers, in: store)
        await store.checkpointAndClose()
        print(
            Table.line([
                "\(users)", fill, Table.number(alone), Table.number(together),
                Table.number(opening.seconds * 1_000), Table.number(cold.quantile(0.5)),
                Table.number(cold.quantile(0.99)), Table.number(warm.quantile(0.5), digits: 1),
                Table.number(warm.quantile(0.99), digits: 1), Table.number(size),
                Table.number(memory), Table.number(used),
            ])
        )
    }

    private func lookUp(_ users: [Principal], in store: Store) async throws -> Durations {
        var durations = Durations()
        for user in users {
            let start = ContinuousClock.now
            let profile = try await store.profile(of: user)
            durations.add(ContinuousClock.now - start)
            guard profile.preferences.count == 2 else { throw Unfit() }
        }
        return durations
    }

    /// Sets a preference of random users, so many at once, and gives writes a second.
    private func write(_ writers: Int, in store: Store) async throws -> Double {
        let start = ContinuousClock.now
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<writers {
                group.addTask {
                    var count = 0
                    while (ContinuousClock.now - start).seconds < Self.measuredSeconds {
                        _ = try await store.set(
                            [(key("tone"), count % 2 == 0 ? "formal" : "casual")],
                            of: user(.random(in: 0..<users))
                        )
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(count) / (ContinuousClock.now - start).seconds
    }

    /// The store does not hold what it was filled with.
    struct Unfit: Error {}
}

let arguments = CommandLine.arguments
switch arguments.dropFirst().first {
case "heading": print(Table.line(Table.heading))
case "fill" where arguments.count == 5, "measure" where arguments.count == 6:
    let benchmark = Benchmark(
        path: arguments[2],
        users: Int(arguments[3]) ?? 0,
        signals: Int(arguments[4]) ?? 0
    )
    if arguments[1] == "fill" {
        print(Table.number(try await benchmark.fill()))
    } else {
        try await benchmark.measure(fill: arguments[5])
    }
default: fatalError("see Benchmarks/Store/run.sh")
}
