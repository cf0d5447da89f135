import PrefAPI
import PrefControl

extension Metrics {
    /// How much has been learned, over all users.
    func learning() -> [MetricFamily] {
        let figures = tastes.figures
        return [
            .gauge(
                "prefd_learning_users",
                "People whose tastes are in memory.",
                figures.users
            ),
            .gauge(
                "prefd_learning_preferences",
                "Learned preferences in use, of those people.",
                figures.preferences
            ),
            .counter(
                "prefd_learning_signals_total",
                "Signals learned from as they came in.",
                [([], figures.signals)]
            ),
            .gauge(
                "prefd_learning_start_users",
                "People who count in where new users start; 0 where that is what ships.",
                start.users
            ),
        ]
    }
}
