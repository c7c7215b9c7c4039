/// The circulant code of Raviv et al. over the real numbers: every row is the same window of products of sines.
///
/// b_r = Π_{l=s+1}^{n−1} sin(π(l − r)/n) for r = 0…s, and row i holds b_r/b_0 at column i + r mod n. Any n − s workers
/// recover the sum. The entries are irrational in general: floats and enclosures of them exist, an exact matrix does
/// not, so nothing is ever decided by them.
///
/// See docs/GradientCode.md.
public struct RealCirculantCode: Hashable, Sendable {
    /// n, the number of workers and of partitions.
    public let workers: Int
    /// s, the number of stragglers tolerated; n − s is odd.
    public let stragglers: Int

    /// The most workers it is made for, 1024: the cost of an enclosure grows with n.
    public static let maximumWorkers = 1024

    /// The code for `workers` workers that tolerates any `stragglers` stragglers.
    ///
    /// - Throws: `invalidParameters` if n is not in 1...``maximumWorkers``, s < 0 or s ≥ n, or n − s is even: then the
    ///   construction does not give a code.
    public init(workers: Int, stragglers: Int) throws(Refusal) {
        guard 1...Self.maximumWorkers ~= workers else {
            throw Refusal(.invalidParameters, "\(workers) workers; expected 1...\(Self.maximumWorkers)")
        }
        try GradientCode.validate(workers: workers, stragglers: stragglers)
        guard !(workers - stragglers).isMultiple(of: 2) else {
            throw Refusal(
                .invalidParameters, "\(stragglers) stragglers of \(workers) workers; expected n − s to be odd")
        }
        self.workers = workers
        self.stragglers = stragglers
    }

    /// d = n − s − 1, even: the number of sines in a coefficient.
    public var degree: Int { workers - stragglers - 1 }
}
