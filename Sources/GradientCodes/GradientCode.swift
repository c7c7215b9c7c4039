/// A gradient code: n workers send linear combinations of the gradients of their partitions, and the server recovers the
/// sum of all k gradients from some of them, exactly or nearly.
///
/// See docs/GradientCode.md.
public enum GradientCode: Hashable, Sendable {
    /// Groups of workers that repeat one another.
    case fractionalRepetition(FractionalRepetitionCode)
    /// Overlapping windows with coefficients.
    case cyclicRepetition(CyclicRepetitionCode)
    /// Overlapping windows with coefficients from a null space.
    case nullSpace(NullSpaceCode)
    /// Independent random entries; approximate.
    case bernoulli(BernoulliCode)
    /// Workers are edges between partitions; approximate.
    case graph(GraphCode)
    /// Any allocation with weights that make the plain sum unbiased; approximate.
    case stochastic(StochasticGradientCode)

    /// n, the number of workers.
    public var workers: Int {
        switch self {
        case .fractionalRepetition(let code): code.workers
        case .cyclicRepetition(let code): code.workers
        case .nullSpace(let code): code.workers
        case .bernoulli(let code): code.workers
        case .graph(let code): code.workers
        case .stochastic(let code): code.workers
        }
    }

    /// k, the number of partitions.
    public var partitions: Int {
        switch self {
        case .fractionalRepetition(let code): code.partitions
        case .cyclicRepetition(let code): code.partitions
        case .nullSpace(let code): code.partitions
        case .bernoulli(let code): code.partitions
        case .graph(let code): code.partitions
        case .stochastic(let code): code.partitions
        }
    }

    /// s, the number of stragglers tolerated whoever they are; nil for the approximate codes, which promise none.
    public var stragglers: Int? {
        switch self {
        case .fractionalRepetition(let code): code.stragglers
        case .cyclicRepetition(let code): code.stragglers
        case .nullSpace(let code): code.stragglers
        case .bernoulli, .graph, .stochastic: nil
        }
    }
}
