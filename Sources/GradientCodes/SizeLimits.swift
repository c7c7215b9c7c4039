/// What every scheme demands of its sizes. The limits keep a hostile parameter from exhausting memory or overflowing an
/// index; anything above is refused as `invalidParameters`.
extension GradientCode {
    /// The most workers a scheme, an allocation or a set of workers may have, 65 536.
    public static let maximumWorkers = 65_536
    /// The most partitions a scheme or an allocation may have, 65 536.
    public static let maximumPartitions = 65_536
    /// The most coordinates a question or a session may name, 2²⁶.
    public static let maximumDimension = 1 << 26
    /// The most sets of n − s workers that are looked at where a code has to be verified, 16 384.
    public static let maximumVerifiedSets = 16_384

    static func validate(workers: Int) throws(Refusal) {
        guard 1...maximumWorkers ~= workers else {
            throw Refusal(.invalidParameters, "\(workers) workers; expected 1...\(maximumWorkers)")
        }
    }

    static func validate(partitions: Int) throws(Refusal) {
        guard 1...maximumPartitions ~= partitions else {
            throw Refusal(.invalidParameters, "\(partitions) partitions; expected 1...\(maximumPartitions)")
        }
    }

    /// - Throws: `invalidParameters` if there are more than ``maximumVerifiedSets`` sets of n − s workers.
    static func validate(verifiable workers: Int, stragglers: Int) throws(Refusal) {
        var sets = 1
        for i in 0..<min(stragglers, workers - stragglers) {
            sets = sets * (workers - i) / (i + 1)
            guard sets <= maximumVerifiedSets else {
                throw Refusal(
                    .invalidParameters,
                    "more than \(maximumVerifiedSets) sets of \(workers - stragglers) workers to verify")
            }
        }
    }

    static func validate(workers: Int, stragglers: Int) throws(Refusal) {
        try validate(workers: workers)
        guard 0..<workers ~= stragglers else {
            throw Refusal(.invalidParameters, "\(stragglers) stragglers; expected 0..<\(workers)")
        }
    }
}
