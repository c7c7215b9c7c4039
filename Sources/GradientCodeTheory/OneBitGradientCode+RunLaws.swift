public import ExactArithmetic
public import GradientCodes

extension OneBitRun {
    /// The law of the update Y at θ, exactly: its values with their probabilities, all positive.
    ///
    /// Workers are added one at a time: each adds 0 with probability p_i, and otherwise ±B_ij, independently for every
    /// coordinate (`docs/OneBitGradientCode.md#quantiser`).
    ///
    /// - Throws: `outOfRange` as ``ranges(at:)``; `invalidParameters` if there are more than ``maximumPoints`` values.
    public func updates(at model: [Rational]) throws(Refusal) -> [[Rational]: Rational] {
        let (coded, ranges) = (coded(at: model), try ranges(at: model))
        let zero = [Rational](repeating: 0, count: loss.dimension)
        var law = [zero: Rational(1)]
        for (i, worker) in code.participants.enumerated() {
            let p = code.straggling[worker].exact
            let straggling = draws?.probability(p) ?? p
            let mean = zip(coded[i], ranges[i]).map { x, B in draws?.value(x, range: B) ?? x }
            var message = try Self.signs(mean: mean, ranges: ranges[i]).mapValues { (1 - straggling) * $0 }
            message[zero, default: 0] += straggling
            var next: [[Rational]: Rational] = [:]
            for (sum, probability) in law {
                for (term, share) in message where !share.isZero {
                    next[zip(sum, term).map(+), default: 0] += probability * share
                }
                try Self.validate(points: next.count)
            }
            law = next
        }
        return law
    }

    /// The law of one message Q(x): +B_j with probability (B_j + x_j)/(2B_j), else −B_j; 0 where B_j = 0.
    private static func signs(mean: [Rational], ranges: [Rational]) throws(Refusal) -> [[Rational]: Rational] {
        var law: [[Rational]: Rational] = [[]: 1]
        for (x, B) in zip(mean, ranges) {
            let plus = B.isZero ? Rational(1) : (B + x) / (2 * B)
            let values = [(B, plus), (-B, 1 - plus)].filter { !$0.1.isZero }
            try validate(points: law.count * values.count)
            var next: [[Rational]: Rational] = [:]
            for (prefix, probability) in law {
                for (value, share) in values { next[prefix + [value]] = probability * share }
            }
            law = next
        }
        return law
    }

    private static func validate(points: Int) throws(Refusal) {
        guard points <= maximumPoints else {
            throw Refusal(.invalidParameters, "a law of more than \(maximumPoints) points; expected a smaller run")
        }
    }

    /// θ − γY, projected if there is a box.
    public func model(after model: [Rational], update: [Rational], step γ: Rational) -> [Rational] {
        let moved = zip(model, update).map { $0 - γ * $1 }
        return box?.projecting(moved) ?? moved
    }

    /// The laws of θ_0, …, θ_T for T steps γ.
    ///
    /// - Throws: as ``laws(steps:)``.
    public func laws(step γ: Rational, iterations T: Int) throws(Refusal) -> OneBitLaws {
        guard T >= 0 else { throw Refusal(.invalidParameters, "\(T) iterations; expected no negative number") }
        return try laws(steps: [Rational](repeating: γ, count: T))
    }

    /// The laws of θ_0, …, θ_T for the steps γ_0, …, γ_{T−1}.
    ///
    /// On a lattice, where many runs meet in one point, long runs are cheap as well.
    ///
    /// - Throws: `invalidParameters` if a step is not positive or a law has more than ``maximumPoints`` points;
    ///   `outOfRange` naming the first reachable point found at which RANGE fails.
    public func laws(steps: [Rational]) throws(Refusal) -> OneBitLaws {
        guard steps.allSatisfy({ $0 > 0 }) else { throw Refusal(.invalidParameters, "a step is not positive") }
        var models: [[[Rational]: Rational]] = [[start: 1]]
        var variances: [[Rational]: Rational] = [:]
        var transitions: [[Rational]: [[Rational]: Rational]] = [:]
        for γ in steps {
            var next: [[Rational]: Rational] = [:]
            for (model, probability) in models[models.count - 1] {
                if transitions[model] == nil {
                    transitions[model] = try updates(at: model)
                    variances[model] = try moments(at: model).variance
                }
                for (update, share) in transitions[model]! {
                    next[self.model(after: model, update: update, step: γ), default: 0] += probability * share
                }
                try Self.validate(points: next.count)
            }
            models.append(next)
        }
        return OneBitLaws(loss: loss, models: models, variance: variances)
    }
}
