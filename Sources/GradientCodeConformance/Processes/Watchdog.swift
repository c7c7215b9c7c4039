import Synchronization

/// One deadline that may be set, lifted and set again, and what happens when it passes.
///
/// It never interrupts whoever waits: it ends the process that is waited for, and the waiting ends by itself.
final class Watchdog: Sendable {
    private struct State {
        var deadline: ContinuousClock.Instant?
        var missed: ContinuousClock.Instant?
        var hasFired = false
    }
    private let state = Mutex(State())
    private let pause: Duration

    /// - Parameter pause: the shortest time that a deadline will ever lie ahead when it is set.
    init(shortestDeadline pause: Duration) { self.pause = pause }

    /// Sets the deadline.
    func expect(by deadline: ContinuousClock.Instant) { state.withLock { $0.deadline = deadline } }

    /// Lifts the deadline; false when it had passed.
    func lift() -> Bool {
        state.withLock { state in
            state.deadline = nil
            return !state.hasFired
        }
    }

    /// Watches until a deadline passes, and then fires once, or until the task is cancelled.
    ///
    /// It looks again at the latest after `pause`, so a deadline that is set while it sleeps is not missed. It fires only
    /// when it sees a deadline passed for the second time: where our own tasks were held up, whoever waits comes first.
    func watch(fire: @Sendable () -> Void) async {
        while !Task.isCancelled {
            guard let wake = state.withLock({ next(&$0, at: .now) }) else { return fire() }
            try? await Task.sleep(until: wake, tolerance: .zero, clock: .continuous)
        }
    }

    private func next(_ state: inout State, at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        guard let deadline = state.deadline else { return now + pause }
        if now < deadline { return min(deadline, now + pause) }
        state.hasFired = state.missed == deadline
        state.missed = deadline
        return state.hasFired ? nil : now + .milliseconds(20)
    }
}
