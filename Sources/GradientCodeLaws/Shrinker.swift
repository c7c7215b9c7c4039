/// Looks for a simpler case that does not hold either: deletes runs of choices, then lowers single ones.
struct Shrinker {
    let law: Law
    let examiner: Examiner
    /// The most cases tried, so that shrinking ends in bounded time.
    let budget: Int

    /// The simplest violation found: fewer choices first, then smaller ones.
    ///
    /// Only violations count: a case on which the subject crashes is no simpler version of a wrong answer.
    func simplest(_ violation: Violation, _ choices: [UInt64]) async -> (violation: Violation, choices: [UInt64]) {
        if case .all = law.cases { return (violation, choices) }
        var best = (violation: violation, choices: choices)
        var left = budget

        func accept(_ candidate: [UInt64]) async -> Bool {
            guard left > 0 else { return false }
            left -= 1
            guard case .violated(let violation, let made) = await law.try(Choices(replaying: candidate), examiner),
                made.count < best.choices.count
                    || made.count == best.choices.count && made.lexicographicallyPrecedes(best.choices)
            else { return false }
            best = (violation, made)
            return true
        }

        var improved = true
        while improved && left > 0 {
            improved = false
            for run in [32, 8, 4, 2, 1] {
                var i = 0
                while i + run <= best.choices.count && left > 0 {
                    var shorter = best.choices
                    shorter.removeSubrange(i..<i + run)
                    if await accept(shorter) { improved = true } else { i += 1 }
                }
            }
            var i = 0
            while i < best.choices.count && left > 0 {
                var low: UInt64 = 0
                while i < best.choices.count, low < best.choices[i], left > 0 {
                    var lower = best.choices
                    lower[i] = low + (lower[i] - low) / 2
                    if await accept(lower) { improved = true } else { low = lower[i] + 1 }
                }
                i += 1
            }
        }
        return best
    }
}
