/// An exact gradient code: n workers send combinations of the gradients of their partitions, and the sum of all k
/// gradients is recovered from any n − s of them.
///
/// See docs/GradientCode.md.
public enum GradientCode: Hashable, Sendable {
    /// Groups of workers that repeat one another.
    case fractionalRepetition(FractionalRepetitionCode)
    /// Overlapping windows with coefficients.
    case cyclicRepetition(CyclicRepetitionCode)

    /// n, the number of workers.
    public var workers: Int {
        switch self {
        case .fractionalRepetition(let code): code.workers
        case .cyclicRepetition(let code): code.workers
        }
    }

    /// k, the number of partitions.
    public var partitions: Int {
        switch self {
        case .fractionalRepetition(let code): code.partitions
        case .cyclicRepetition(let code): code.partitions
        }
    }

    /// s, the number of stragglers tolerated.
    public var stragglers: Int {
        switch self {
        case .fractionalRepetition(let code): code.stragglers
        case .cyclicRepetition(let code): code.stragglers
        }
    }
}
