public import ExactArithmetic
public import GradientCodes

extension FractionalRepetitionCode {
    /// B: a worker holds the partitions of its group, each with coefficient 1.
    public var encodingMatrix: RationalMatrix {
        RationalMatrix(rows: workers, columns: partitions) { worker, partition in
            group(ofWorker: worker) == group(ofPartition: partition) ? 1 : 0
        }
    }

    /// Coefficient 1 for the responder of lowest index in each group that holds partitions; nil when one is silent.
    ///
    /// With fewer partitions than groups some groups hold none: nobody misses them.
    public func structuredDecodingVector(responders: WorkerSet) -> [Rational]? {
        var vector = [Rational](repeating: 0, count: workers)
        for group in 0..<groups where !partitions(inGroup: group).isEmpty {
            guard let first = workers(inGroup: group).first(where: responders.contains) else { return nil }
            vector[first] = 1
        }
        return vector
    }
}
