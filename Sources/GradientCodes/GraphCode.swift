/// A graph assignment (Glasgow and Wootters): partitions are the vertices of a graph, workers its edges.
///
/// Worker {u, v} sends g_u + g_v. Parallel edges are allowed, loops are not; a vertex without edges is never recovered.
///
/// See docs/GradientCode.md.
public struct GraphCode: Hashable, Sendable {
    /// An edge and the two partitions it joins.
    public struct Edge: Hashable, Sendable {
        /// One end.
        public let u: Int
        /// The other.
        public let v: Int
    }

    /// k, the number of vertices.
    public let partitions: Int
    /// The edges, worker by worker.
    public let edges: [Edge]

    /// The assignment of a graph, given by the two ends of each edge.
    ///
    /// - Throws: `invalidParameters` if there is no vertex or no edge, a size exceeds its limit in ``GradientCode``, or
    ///   an edge is a loop; else `dimensionMismatch` if an edge has not two ends; else `indexOutOfRange` if it ends at a
    ///   vertex that does not exist.
    public init(partitions: Int, ends: [[Int]]) throws(Refusal) {
        try GradientCode.validate(workers: ends.count)
        try GradientCode.validate(partitions: partitions)
        if let worker = ends.firstIndex(where: { $0.count == 2 && $0[0] == $0[1] }) {
            throw Refusal(.invalidParameters, "edge \(worker) is a loop at \(ends[worker][0]); expected two vertices")
        }
        if let worker = ends.firstIndex(where: { $0.count != 2 }) {
            throw Refusal(.dimensionMismatch, "edge \(worker) has \(ends[worker].count) ends; expected 2")
        }
        for (worker, edge) in ends.enumerated() {
            guard let outside = edge.first(where: { !(0..<partitions ~= $0) }) else { continue }
            throw Refusal(.indexOutOfRange, "edge \(worker) ends at vertex \(outside); expected 0..<\(partitions)")
        }
        self.partitions = partitions
        edges = ends.map { Edge(u: $0[0], v: $0[1]) }
    }

    /// n, the number of workers.
    public var workers: Int { edges.count }
}
