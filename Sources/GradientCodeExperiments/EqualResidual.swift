package import ExactArithmetic
package import GradientCodeReference
package import GradientCodes

/// The loads with which a residual is reached.
package struct EqualResidual: Sendable {
    package let profile: StragglingProfile
    /// 1/ε.
    package let target: Int
    /// The least ℓ, the same for all workers, with R/m ≤ ε; nil where no load reaches it. In the order of ``designs``.
    package let meanLoads: [Int?]
    /// The least ℓ with a residual of at most ε in every partition; likewise.
    package let everyLoads: [Int?]
    /// Copies placed by minimum redundancy with S_j ≥ 1/ε, in the order of ``Cap/allCases``.
    package let placements: [Placement]

    /// n, the number of workers and of partitions.
    package var workers: Int { profile.straggling.count }

    /// The most partitions a worker may hold under minimum redundancy.
    package enum Cap: String, CaseIterable, Sendable {
        /// All.
        case none
        /// The load that blind weights on the mixed cyclic allocation need for every partition.
        case blindLoad
        /// The load that the optimal code on LPT needs for every partition.
        case optimalLoad
    }

    /// What minimum redundancy answered.
    package struct Placement: Sendable {
        package let answer: MinimumRedundancy
        /// T = Σ_i |A_i|, 0 without an allocation.
        package let copies: Int
        /// max_i |A_i|.
        package let largestLoad: Int
        /// The greatest residual of a partition with blind weights on this allocation; nil without one.
        package let blindLargest: Rational?
    }

    /// Designs that are compared; `ignore` keeps a bias of Σ p_i/d_j and is left out.
    package static let designs = HeterogeneousDesign.all.filter { $0.weights != .ignore }

    /// One result a target, which ascend.
    package static func measure(_ profile: StragglingProfile, targets: [Int]) throws(Refusal) -> [EqualResidual] {
        let n = profile.straggling.count
        var means = [[Int?]](repeating: [Int?](repeating: nil, count: designs.count), count: targets.count)
        var everies = means
        for (column, design) in designs.enumerated() {
            for load in 1...n {
                let score = try design.weights.score(of: design.code(profile, load: load))
                let (mean, largest) = (score.mean, score.largest)
                for (row, target) in targets.enumerated() {
                    if means[row][column] == nil && mean <= Rational(1, target) { means[row][column] = load }
                    if everies[row][column] == nil && largest <= Rational(1, target) { everies[row][column] = load }
                }
                if (means + everies).allSatisfy({ $0[column] != nil }) { break }
            }
        }
        var results: [EqualResidual] = []
        for (row, target) in targets.enumerated() {
            func every(_ weights: HeterogeneousDesign.Weights, _ placement: HeterogeneousDesign.Placement) -> Int {
                let design = HeterogeneousDesign(weights: weights, placement: placement)
                return everies[row][designs.firstIndex(of: design)!] ?? n
            }
            var placements: [Placement] = []
            for cap in Cap.allCases {
                let load =
                    switch cap {
                    case .none: n
                    case .blindLoad: every(.blind, .cyclic(.mixed))
                    case .optimalLoad: every(.optimal, .longestFirst)
                    }
                placements.append(try Placement(profile, cap: load, target: target))
            }
            results.append(
                EqualResidual(
                    profile: profile, target: target, meanLoads: means[row], everyLoads: everies[row],
                    placements: placements))
        }
        return results
    }

    /// The entry of one design in a list ordered by ``designs``.
    package static func entry<T>(
        _ list: [T], _ weights: HeterogeneousDesign.Weights, _ placement: HeterogeneousDesign.Placement
    ) -> T {
        list[designs.firstIndex(of: HeterogeneousDesign(weights: weights, placement: placement))!]
    }
}

extension EqualResidual.Placement {
    package init(_ profile: StragglingProfile, cap: Int, target: Int) throws(Refusal) {
        let n = profile.straggling.count
        let problem = try AllocationProblem(
            straggling: profile.straggling(.mixed), loads: [Int](repeating: cap, count: n), partitions: n)
        answer = try problem.minimumRedundancy(target: Rational(target))
        let loads = answer.allocation?.loads ?? []
        copies = loads.reduce(0, +)
        largestLoad = loads.max() ?? 0
        if let allocation = answer.allocation {
            let code = try HeterogeneousGradientCode(allocation: allocation, straggling: problem.straggling)
            blindLargest = try HeterogeneousDesign.Weights.blind.score(of: code).largest
        } else {
            blindLargest = nil
        }
    }
}
