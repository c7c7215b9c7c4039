/// How the workers that fail to answer in an iteration are drawn.
///
/// Iterations are independent. Worker i uses one word, u = draw(seed, stragglers, t, i, 0), whether it straggles or
/// not.
///
/// See docs/numerics.md#randomness.
public struct StragglerModel: Hashable, Sendable {
    /// The two laws a model can have.
    public enum Law: Hashable, Sendable {
        /// Worker i straggles with its own probability, independently of the others.
        case independent([Probability])
        /// Exactly so many stragglers out of so many workers, every set of that size equally likely.
        case exactly(Int, of: Int)
    }

    /// The law, with parameters known to be valid.
    public let law: Law

    /// Workers that straggle independently, worker i with probability `p[i]`; 0 and 1 are legal.
    ///
    /// - Throws: `invalidParameters` if `p` is empty or longer than ``GradientCode/maximumWorkers``.
    public static func independent(_ p: [Probability]) throws(Refusal) -> StragglerModel {
        try GradientCode.validate(workers: p.count)
        return StragglerModel(law: .independent(p))
    }

    /// Exactly `stragglers` of the workers straggle; none and all are legal.
    ///
    /// - Throws: `invalidParameters` unless `workers` is in 1...``GradientCode/maximumWorkers`` and `stragglers` in
    ///   `0...workers`.
    public static func exactly(_ stragglers: Int, of workers: Int) throws(Refusal) -> StragglerModel {
        try GradientCode.validate(workers: workers)
        guard 0...workers ~= stragglers else {
            throw Refusal(.invalidParameters, "exactly \(stragglers) of \(workers) stragglers; expected 0...\(workers)")
        }
        return StragglerModel(law: .exactly(stragglers, of: workers))
    }

    private init(law: Law) {
        self.law = law
    }

    /// The number of workers, at least 1.
    public var workers: Int {
        switch law {
        case .independent(let p): p.count
        case .exactly(_, let workers): workers
        }
    }

    /// Who answers in iteration `t`; possibly nobody.
    ///
    /// Independent stragglers: worker i straggles if and only if ``Probability/occurs(at:)`` says so of its probability
    /// and u. Exactly s of n: the s workers with the smallest (u, i) straggle.
    public func responders(seed: UInt64, t: UInt32) -> WorkerSet {
        let words = (0..<workers).map { worker in
            Philox.draw(seed: seed, stream: .stragglers, t: t, i: UInt32(worker), j: 0)
        }
        switch law {
        case .independent(let p):
            return WorkerSet(sorted: words.indices.filter { !p[$0].occurs(at: words[$0]) }, of: workers)
        case .exactly(let stragglers, _):
            return WorkerSet.all(workers).removing(indicesOfSmallest(stragglers, among: words))
        }
    }
}
