import ExactArithmetic
import GradientCodeReference

extension HeterogeneousResult {
    /// What follows from the tables, counted from their numbers.
    var findings: String {
        let bullets = [
            spreadFinding, reachedFinding, growthFinding, shareFinding, biasFinding, redundancyFinding, adaptiveFinding,
            oddsFinding,
            observationFinding, agreeingFinding, floorFinding,
        ]
        return "<a id=\"findings\"></a>\n## What was found\n\n"
            + bullets.map { Page.bullet($0) }.joined(separator: "\n")
            + "\n\n" + limits
    }

    /// The rows of the page without the profile in which all workers are alike.
    private var unequal: [EqualLoad] { shownEqualLoads.filter { $0.profile.spread > 1 } }

    private func range(_ values: [Rational], _ text: (Rational) -> String) -> String {
        "\(text(values.min() ?? 0)) to \(text(values.max() ?? 0))"
    }

    private var spreadFinding: String {
        let ratios = equalLoads.map { row in
            row[.blind, .cyclic(.mixed)].mean / row[.optimal, .longestFirst].mean / row.profile.spread
        }
        let floors = equalLoads.map { $0[.optimal, .longestFirst].mean / $0.floor }
        return """
            *The law of the saving.* With equal loads and equal replication blind weights have A times the floor of Theorem H6, \
            so at most 1 − 1/A of their residual can be saved, and nothing where all workers are alike. LPT comes within a \
            factor of \((floors.max() ?? 1).ratio) of the floor in all \(equalLoads.count) rows of the data, in \
            \(floors.count { $0 < Rational(101, 100) }) of them within 1 %; the measured quotient is \
            \(range(ratios) { $0.ratio }) times A. 40 % needs A ≥ 5/3.
            """
    }

    private var reachedFinding: String {
        let rows = zip(shownEqualLoads, shownEqualResiduals(shownTarget)).map { ($0.profile, savings($0, $1)) }
        let headings = [
            "residual against blind", "residual against stochastic", "load against blind", "load against stochastic",
            "copies by minimum redundancy",
        ]
        let counts = headings.indices.map { column in
            "\(headings[column]) \(rows.count { ($0.1[column] ?? 0) >= Rational(2, 5) })"
        }
        let missing = rows.filter { ($0.1[2] ?? 0) < Rational(2, 5) }.map { "*\($0.0.name)*" }
        return """
            *Where 40 % is reached.* In the first table, of \(rows.count) profiles: \(counts.joined(separator: ", ")). Load \
            against blind stays below 40 % for \(missing.joined(separator: "; ")). So the claim holds, and is exceeded, for \
            workers that differ much, and does not hold for workers that differ little: it is a statement about the profile. Loads are whole numbers, which hides savings where few copies do.
            """
    }

    private var growthFinding: String {
        let shapes = ["halves", "line", "last quarter"].map { shape in
            let rows = zip(shownEqualLoads, shownEqualResiduals(shownTarget)).filter { row, _ in
                row.profile.name.hasPrefix(shape)
            }.map(savings)
            func list(_ column: Int) -> String {
                rows.map { (($0[column] ?? 0) * 100).decimal(digits: 0) }.joined(separator: ", ")
            }
            return "*\(shape)* \(list(0)) of the residual, \(list(2)) of the load"
        }
        return """
            *How it grows.* At the same mean p, for h = 1/4, 1/2, 3/4, 9/10, per cent saved against blind weights: \
            \(shapes.joined(separator: "; ")).
            """
    }

    private var shareFinding: String {
        let blind = unequal.map { $0[.blind, .cyclic(.sorted)].mean }
        func saved(_ placement: HeterogeneousDesign.Placement) -> String {
            range(zip(unequal, blind).map { 1 - $0[.optimal, placement].mean / $1 }) { $0.percent }
        }
        let beyond = unequal.map { 1 - $0[.optimal, .longestFirst].mean / $0[.optimal, .cyclic(.mixed)].mean }
        return """
            *Coefficients or allocation.* At load \(shownLoad), of the residual of blind weights, optimal coefficients save \
            \(saved(.cyclic(.sorted))) on the sorted cyclic allocation, \(saved(.cyclic(.mixed))) on the mixed one, and \
            \(saved(.longestFirst)) on LPT (all profiles but *equal*). Where neighbours are alike, a cyclic allocation leaves \
            the coefficients little to choose from. LPT has \(range(beyond) { $0.percent }) less than the mixed cyclic allocation.
            """
    }

    private var biasFinding: String {
        let better = unequal.count { $0[.stochastic, .cyclic(.mixed)].mean < $0[.blind, .cyclic(.mixed)].mean }
        let worse = unequal.count { $0[.stochastic, .cyclic(.sorted)].mean > $0[.blind, .cyclic(.sorted)].mean }
        let shares = unequal.map { row in
            let score = row[.stochastic, .cyclic(.mixed)]
            return score.meanBias / score.mean
        }
        return """
            *Blind weights are a weak opponent.* Stochastic gradient coding, biased as it is under unequal p, has the smaller \
            residual in \(better) of \(unequal.count) profiles on the mixed cyclic allocation, and the greater one in \(worse) \
            on the sorted one. Bias is \(range(shares) { $0.percent }) of its residual on the mixed one.
            """
    }

    private var redundancyFinding: String {
        let rows = experiment.targets.flatMap { shownEqualResiduals($0) }
        let placed = rows.filter { $0.placement(.blindLoad).copies > 0 }
        let excesses = placed.map { ($0.placement(.blindLoad).blindLargest ?? 0) * Rational($0.target) - 1 }
        let fewest = placed.count { $0.placement(.blindLoad).copies == $0.placement(.blindLoad).answer.lowerBound }
        let full = placed.count { row in
            row.placement(.blindLoad).largestLoad == EqualResidual.entry(row.everyLoads, .blind, .cyclic(.mixed))
        }
        let failed = rows.flatMap(\.placements).count { $0.answer.status != .complete }
        let tight = rows.filter { $0.placement(.optimalLoad).copies > 0 }
        let further = tight.count { row in
            guard let load = EqualResidual.entry(row.everyLoads, .optimal, .longestFirst) else { return false }
            return row.placement(.optimalLoad).copies < load * row.workers
        }
        return """
            *Minimum redundancy.* Under the cap of blind weights it has the fewest copies possible in \(fewest) of \
            \(placed.count) cases. It saves by leaving the worst workers idle, while in \(full) of them some worker still works as \
            much as all do under blind weights: what falls is the total, not the largest load. On its allocation blind weights reach the same target \
            in \(excesses.count { $0 <= 0 }) of \(placed.count) cases and miss it by at most \
            \(max(excesses.max() ?? 0, 0).percent) in the others; so here the saving comes from the placement, not from the \
            coefficients. With no more load than LPT gives everybody, it needs fewer copies than LPT in \(further) of \
            \(tight.count) cases. The greedy rule failed in \(failed) of \(rows.flatMap(\.placements).count) cases.
            """
    }

    private var adaptiveFinding: String {
        let ratios = adaptive.map { $0.optimal / $0.unbiased }
        let blind = adaptive.map { $0.blind / $0.optimal }
        let attained = adaptive.count { $0.unbiased == $0.unbiasedFloor }
        return """
            *Seeing who responded.* For n = \(experiment.adaptiveSize) on LPT the best unbiased decoder that sees the responders \
            has \(range(ratios) { $0.ratio }) times less residual than the optimal fixed code, while that has \
            \(range(blind) { $0.ratio }) times less than blind weights. It attains the bound Σ Q/(1 − Q) of any code on that \
            allocation in \(attained) of \(adaptive.count) profiles, as fractional repetition does.
            """
    }

    private var oddsFinding: String {
        let beliefs = misestimateBeliefs
        func ratios(_ γ: Rational?) -> [Rational] {
            guard let γ, let index = beliefs.firstIndex(of: .scaledOdds(γ)) else { return [] }
            return misestimateRows.map { $1[index].optimal.averageMean / right($0)[.optimal, .longestFirst].mean }
        }
        let (low, high) = (experiment.oddsFactors.min(), experiment.oddsFactors.max())
        let shares = misestimates.filter { row in low.map { row.belief == .scaledOdds($0) } ?? false }.map {
            $0.optimal.averageBias / $0.optimal.averageMean
        }
        let scaled = experiment.oddsFactors.filter { $0 > 1 }.flatMap { ratios($0) }
        return """
            *Wrong odds.* Odds believed to be \(low?.decimal(digits: 2) ?? "") times what they are multiply the residual by \
            \(range(ratios(low)) { $0.ratio }), \(range(shares) { $0.percent }) of it bias; odds believed to be \(high?.decimal(digits: 2) ?? "") times what \
            they are by \(range(ratios(high)) { $0.ratio }). In \(scaled.count { $0 < 1 }) of \(scaled.count) cases too \
            optimistic odds have *less* residual than the right ones: unbiasedness costs residual.
            """
    }

    private var observationFinding: String {
        let beliefs = misestimateBeliefs.indices.filter { index in
            if case .observed = misestimateBeliefs[index] { true } else { false }
        }
        let sentences = beliefs.map { index in
            let ratios = misestimateRows.map {
                $1[index].optimal.averageMean / right($0)[.optimal, .longestFirst].mean
            }
            let wins = misestimateRows.count { profile, rows in
                rows[index].optimal.averageMean < right(profile)[.blind, .cyclic(.mixed)].mean
            }
            return "\(misestimateBeliefs[index].name) \(range(ratios) { $0.ratio }), \(wins)"
        }
        return """
            *Estimated probabilities.* The average residual over that of the code for the right p, and the number of \
            \(misestimateRows.count) profiles in which the code for p̂ beats blind weights that know p: \
            \(sentences.joined(separator: "; ")).
            """
    }

    private var agreeingFinding: String {
        let rows = descents.filter(\.agreeing)
        let optimal = rows.map { ($0.curves[0].timeToMillionth, $0.curves[1].timeToMillionth) }
        let others = rows.flatMap { row in
            row.curves.dropFirst(2).dropLast().map { ($0.timeToMillionth, row.curves[0].timeToMillionth) }
        }
        let ignoring = rows.compactMap { row -> Rational? in
            guard let a = row.curves.last?.timeToMillionth, let b = row.curves[0].timeToMillionth else { return nil }
            return Rational(a, b)
        }
        return """
            *Near gradient descent, partitions that agree.* The optimal code on LPT reaches 10⁻⁶ D_0 in the same number of \
            iterations as the descent without stragglers in \(optimal.count { $0.0 == $0.1 }) of \(optimal.count) cases, and so \
            do the cyclic, blind and stochastic codes in \(others.count { $0.0 == $0.1 }) of \(others.count): here nothing sets \
            the codes apart. Ignoring stragglers takes \(range(ignoring) { $0.ratio }) times as many, since it shortens the \
            step.
            """
    }

    private var floorFinding: String {
        let (long, short) = (experiment.steps.first ?? 0, experiment.steps.last ?? 0)
        let rows = zip(
            shownDescents(agreeing: false, step: long), shownDescents(agreeing: false, step: short)
        ).filter { $0.0.profile.spread > 1 }
        func ratios(_ index: Int) -> [Rational] {
            rows.compactMap { long, short in
                guard let a = long.curves[index].limit, let b = short.curves[index].limit else { return nil }
                return a / b
            }
        }
        func times(_ index: Int) -> String {
            range(rows.map { _, row in Rational(row.timeApart(row.curves[index]) ?? experiment.iterations) }) {
                $0.decimal(digits: 0)
            }
        }
        let gains = rows.compactMap { long, _ -> Rational? in
            guard let a = long.curves[1].limit, let b = long.curves[3].limit else { return nil }
            return b / a
        }
        let equal = descents.first { $0.profile.spread == 1 && !$0.agreeing }
        let arrangement = equal.flatMap { row in row.curves[1].limit.flatMap { a in row.curves[3].limit.map { $0 / a } }
        }
        return """
            *Near gradient descent, partitions that disagree.* With η = \(Self.text(short)) the distance stays within twice that \
            of the descent without stragglers for \(times(1)) iterations with the optimal code on LPT, \(times(3)) with blind \
            weights, \(times(4)) with stochastic gradient coding and \(times(5)) where stragglers are ignored: until the noise \
            floor, or the bias, is met. With η = \(Self.text(long)) the floor of the optimal code on LPT is \(range(gains) { $0.ratio }) times \
            lower than that of blind weights on the mixed cyclic allocation; \(arrangement?.ratio ?? "1") of this is there for \
            equal workers already, because the allocations pair other partitions. With \(Self.text(short)) it falls by a factor \
            of \(range(ratios(1)) { $0.ratio }) for the optimal code and of \(range(ratios(4)) { $0.ratio }) for stochastic \
            gradient coding: smaller steps do not remove a bias.
            """
    }

    private var limits: String {
        let bullets = [
            "Profiles, targets, caps and steps are ours. What the paper compared with what is not known here.",
            """
            Workers respond independently, p does not change, and data on all workers cost the same. A worker that is given more \
            data does not straggle more often, which favours minimum redundancy.
            """,
            """
            R treats all partitions alike and orthogonal. For parallel gradients no fixed code beats the floor of \
            [Theorem H5](../HeterogeneousGradientCode.md#theorem-h5), whatever its copies.
            """,
            """
            The descents are on one set of quadratics with diagonal Hessians and one start; floors depend on which partitions a \
            worker holds together. Decoders that adapt were enumerated for n = \(experiment.adaptiveSize) only.
            """,
            "One mixed order for each n; other permutations change the numbers of the cyclic codes.",
        ]
        return "<a id=\"limits\"></a>\n## Limits\n\n" + bullets.map { Page.bullet($0) }.joined(separator: "\n")
    }
}
