import PrefAPI
import PrefModel
import PrefStore
import ServiceLifecycle

/// Has the store delete what has expired, every few minutes.
struct HousekeepingLife: Service {
    private static let pause = Duration.seconds(600)
    /// The start is for those who wait for it.
    private static let firstPause = Duration.seconds(30)

    let housekeeping: Housekeeping
    let tastes: Tastes
    let events: EventJournal

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var pause = Self.firstPause
            var isDoubting = false
            var isFailing = false
            while !Task.isCancelled {
                try? await Task.sleep(for: pause)
                if Task.isCancelled { return }
                pause = Self.pause
                do throws(StoreError) {
                    let round = try await housekeeping.tidy()
                    for principal in round.principals { tastes.forget(principal) }
                    if round.doubtsClock != isDoubting { tell(doubting: round.doubtsClock) }
                    (isDoubting, isFailing) = (round.doubtsClock, false)
                } catch {
                    // Cancelled half-way, the rest is for the next start.
                    if Task.isCancelled { return }
                    if !isFailing { tell(error) }
                    isFailing = true
                }
            }
        }
    }

    private func tell(doubting: Bool) {
        events.record(
            Event(
                .clockDoubted,
                priority: doubting ? .warning : .notice,
                message: doubting
                    ? "The clock is not where it was expected; nothing is deleted on its word for a day."
                    : "The clock is believed again."
            )
        )
    }

    private func tell(_ error: StoreError) {
        events.record(
            Event(
                .storeUnavailable,
                priority: .error,
                message: "What has expired could not be deleted; it is not used, and tried again."
            )
        )
    }
}
