import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import UnixHTTP

/// File descriptors are refused before they run out.
struct DescriptorBudgetTests {
    @Test("a socket counts until it is closed")
    func counts() async throws {
        let budget = DescriptorBudget { DescriptorBudget.reserve + 10 }
        #expect(budget.free == 10)
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        budget.count(channel)
        #expect(budget.free == 9)
        try await channel.close()
        #expect(try await eventually { budget.free == 10 })
    }

    @Test(
        "with few descriptors left a connection is told so, with fewer still it is dropped",
        arguments: [(100, "admitted"), (20, "refused"), (10, "dropped"), (-50, "dropped")]
    )
    func admission(free: Int, expected: String) {
        let budget = DescriptorBudget { DescriptorBudget.reserve + free }
        let registry = ConnectionRegistry(limits: ServerLimits(), budget: budget)
        switch registry.admission(of: 1000) {
        case .admitted: #expect(expected == "admitted")
        case .refused(let fault):
            #expect(expected == "refused")
            #expect(fault.status.code == 503)
        case .dropped: #expect(expected == "dropped")
        }
    }
}
