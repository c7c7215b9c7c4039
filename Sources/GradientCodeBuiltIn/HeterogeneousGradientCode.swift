import ExactArithmetic
import GradientCodeKernels
import GradientCodeOperations
import GradientCodeReference
import GradientCodeTheory
import GradientCodes

extension BuiltIn {
    static func answerHeterogeneousGradientCode(_ table: inout Implementation.Table) {
        typealias Code = HeterogeneousGradientCode
        table.answer(
            Code.OptimalCoefficients.self, regression: true,
            unless: { tooLarge($0.allocation.count, $0.allocation.first?.count ?? 0, 1 << 16) }
        ) { question throws(Refusal) in try coefficients(question) }
        table.answer(
            Code.Moments.self, regression: true,
            unless: { tooLarge($0.probabilities.count, ($0.coefficients.first?.count ?? 0).squared, 1 << 16) }
        ) { question throws(Refusal) in try moments(question) }
        table.answer(Code.Allocate.self, regression: true, unless: tooMuch) { question throws(Refusal) in
            try allocate(question)
        }
        table.answer(Code.AllocateBits.self, regression: true, unless: tooMuch) { question throws(Refusal) in
            try allocateBits(question)
        }
        table.answer(Code.Adaptive.self, regression: true, unless: tooMuch) { question throws(Refusal) in
            try adaptive(question)
        }
        table.answer(Code.Recover.self) { question throws(Refusal) in try recover(question) }
        answerHeterogeneousTheory(&table)
        table.hold(
            Code.Session.self, flags: ["save", "seed"],
            unless: { tooLarge($0.allocation.count, $0.allocation.first?.count ?? 0, 1 << 12) }
        ) { opening throws(Refusal) in try HeterogeneousRounds(opening) }
    }

    /// Why a product of sizes is too much; nil when it is not.
    static func tooLarge(_ a: Int, _ b: Int, _ limit: Int) -> String? {
        let product = max(0, a).multipliedReportingOverflow(by: max(0, b))
        return product.overflow || product.partialValue > limit ? "more than \(limit) numbers" : nil
    }

    private static func tooMuch(_ question: HeterogeneousGradientCode.Allocate) -> String? {
        let (n, m) = (question.probabilities.count, question.partitions)
        guard (1...GradientCode.maximumPartitions).contains(m) else { return nil }
        if let reason = tooLarge(n, m, 1 << 20) { return reason }
        // 1/S_j is added up over groups of equal sums, whose number and length grow with the number of different odds.
        let different = Set(question.probabilities)
        let digits = different.map { $0.description.utf8.count }.reduce(0, +)
        if let reason = tooLarge(digits, min(n, m), 1 << 16) { return reason }
        guard question.strategy == .exact, let loads = question.loads,
            let straggling = try? Probability.all(question.probabilities),
            let problem = try? AllocationProblem(straggling: straggling, loads: loads, partitions: m),
            let choices = problem.choices
        else { return nil }
        return choices * Rational(m) > 500_000 ? "more than 500 000 sums to compare" : nil
    }

    private static func tooMuch(_ question: HeterogeneousGradientCode.AllocateBits) -> String? {
        let (n, most) = (question.probabilities.count, max(0, min(question.maximum, question.budget)))
        // A program of n workers, n·most totals and most choices, of numbers of up to `most` bits.
        guard n <= 1 << 8, most <= 1 << 8 else { return "more than 256 workers or bits of a worker" }
        let digits = question.kappa.description.utf8.count + most
        return tooLarge(n * n * most * most, max(1, digits / 16), 1 << 20)
    }

    private static func tooMuch(_ question: HeterogeneousGradientCode.Adaptive) -> String? {
        let (n, m) = (question.matrix.count, question.matrix.first?.count ?? 0)
        let digits = (question.matrix.joined().map { $0.description.utf8.count }.max() ?? 1)
        return n > 12 || tooLarge(1 << n, m * m * m * max(1, digits / 8), 1 << 20) != nil
            ? "too many patterns of too many partitions" : nil
    }

    static func coefficients(
        _ question: HeterogeneousGradientCode.OptimalCoefficients
    ) throws(Refusal) -> HeterogeneousGradientCode.OptimalCoefficients.Answer {
        let n = question.allocation.count
        var defects = Defects.heterogeneous
        if let variances = question.variances {
            defects.require(variances.allSatisfy { $0 >= 0 }, .invalidParameters, "a variance is negative")
            defects.require(
                variances.count == n, .dimensionMismatch, "\(variances.count) variances for \(n) workers")
        }
        let code = try heterogeneousCode(question.allocation, question.probabilities, &defects)
        let gauge = code.gauge(variances: question.variances)
        func rows(_ matrix: RationalMatrix) -> [Coefficients] { matrix.rowVectors.map { .exact($0) } }
        return .init(
            coefficients: rows(code.coefficients(variances: question.variances)),
            residual: .exact(code.residual(variances: question.variances)), weights: .exact(gauge.weights),
            encoding: rows(gauge.encoding), oddsSums: code.oddsSums(variances: question.variances),
            multipliers: code.multipliers(variances: question.variances))
    }

    static func moments(
        _ question: HeterogeneousGradientCode.Moments
    ) throws(Refusal) -> HeterogeneousGradientCode.Moments.Answer {
        let (n, m) = (question.coefficients.count, question.coefficients.first?.count ?? 0)
        var defects = Defects.heterogeneous
        defects.require(n > 0 && m > 0, .invalidParameters, "no worker or partition")
        let matrix = defects.matrix(question.coefficients, "coefficients")
        let probabilities = defects.probabilities(question.probabilities, count: n)
        if let gradients = question.gradients {
            let dimension = gradients.first?.count ?? 0
            defects.require(gradients.isEmpty || dimension > 0, .invalidParameters, "gradients of dimension 0")
            defects.require(
                gradients.count == m && gradients.allSatisfy { $0.count == dimension }, .dimensionMismatch,
                "expected \(m) gradients of one dimension")
        }
        let dependence = question.dependence.map { defects.covariance($0, count: n) }
        try defects.refuse()
        let straggling = probabilities.sound
        let moments =
            if let dependence {
                HeterogeneousMoments(
                    coefficients: matrix.sound, responding: straggling.map { Rational($0.complement) },
                    dependence: dependence.sound)
            } else {
                HeterogeneousMoments(coefficients: matrix.sound, straggling: straggling)
            }
        return .init(
            mean: moments.mean, residual: moments.residual, covariance: moments.covariance.rowVectors,
            commonMode: moments.commonMode, eigenvalueBound: moments.eigenvalueBound,
            gradientError: question.gradients.map { moments.gradientError($0) },
            isWithinThreshold: question.threshold.map { moments.isLargestEigenvalue(atMost: $0) })
    }

    /// The documented answer.
    static func allocate(
        _ question: HeterogeneousGradientCode.Allocate
    ) throws(Refusal) -> HeterogeneousGradientCode.Allocate.Answer {
        guard !question.probabilities.isEmpty else { throw Refusal(.invalidParameters, "no worker") }
        guard let loads = question.loads else { throw Refusal(.invalidParameters, "loads are missing") }
        let target = question.strategy == .exact || question.strategy == .minimumRedundancy ? question.target : nil
        guard question.strategy != .minimumRedundancy || target != nil else {
            throw Refusal(.invalidParameters, "minimumRedundancy needs a target")
        }
        var defects = Defects.heterogeneous
        defects.require(target.map { $0 > 0 } ?? true, .invalidParameters, "the target is not positive")
        let probabilities = defects.attempt { () throws(Refusal) in try Probability.all(question.probabilities) }
        let stand = [Probability](repeating: .zero, count: question.probabilities.count)
        let problem = defects.attempt { () throws(Refusal) in
            try AllocationProblem(straggling: probabilities ?? stand, loads: loads, partitions: question.partitions)
        }
        if let problem, question.strategy == .exact {
            defects.require(problem.choices != nil, .invalidParameters, "more than 10⁶ choices")
        }
        try defects.refuse()
        return try problem.sound.answer(question.strategy, target: target)
    }

    static func allocateBits(
        _ question: HeterogeneousGradientCode.AllocateBits
    ) throws(Refusal) -> HeterogeneousGradientCode.AllocateBits.Answer {
        guard !question.probabilities.isEmpty else { throw Refusal(.invalidParameters, "no worker") }
        var defects = Defects.heterogeneous
        let probabilities = defects.attempt { () throws(Refusal) in try Probability.all(question.probabilities) }
        let stand = [Probability](repeating: .zero, count: question.probabilities.count)
        let bits = defects.attempt { () throws(Refusal) in
            try BitAllocation(
                straggling: probabilities ?? stand, κ: question.kappa, budget: question.budget,
                maximum: question.maximum)
        }
        try defects.refuse()
        return .init(bits: bits.sound.bits, gain: .exact(bits.sound.gain))
    }

    static func adaptive(
        _ question: HeterogeneousGradientCode.Adaptive
    ) throws(Refusal) -> HeterogeneousGradientCode.Adaptive.Answer {
        let n = question.matrix.count
        var defects = Defects.heterogeneous
        defects.require(
            n > 0 && question.matrix.first?.isEmpty == false, .invalidParameters, "no worker or partition")
        let matrix = defects.matrix(question.matrix, "matrix")
        let probabilities = defects.probabilities(question.probabilities, count: n)
        try defects.refuse()
        let decoding = AdaptiveDecoding(encoding: matrix.sound, straggling: probabilities.sound)
        var answer = HeterogeneousGradientCode.Adaptive.Answer(
            mean: decoding.leastSquaresMean, residual: decoding.leastSquaresResidual,
            projection: decoding.projection.rowVectors, optimum: decoding.unbiasedResidual)
        switch decoding.unbiased {
        case .target(let target): answer.target = target
        case .none(let witness): answer.witness = witness
        }
        return answer
    }

    static func recover(
        _ question: HeterogeneousGradientCode.Recover
    ) throws(Refusal) -> HeterogeneousGradientCode.Recover.Answer {
        guard question.messages.contains(where: { $0 != nil }) else {
            throw Refusal(.invalidParameters, "expected at least one message that is not null")
        }
        guard question.messages.count == question.weights.count else {
            throw Refusal(
                .dimensionMismatch, "\(question.messages.count) messages for \(question.weights.count) weights")
        }
        let messages = question.messages.map { $0?.values }
        try GradientCode.requireOneDimension(of: messages)
        guard question.weights.isFinite else { throw Refusal(.nonFinite, "a weight is not finite") }
        let sum = try HeterogeneousGradientCode.recover(messages, weights: question.weights.values)
        return .init(vector: Binary32Vector(sum.vector), excluded: sum.excluded)
    }

    /// Allocation and probabilities as questions give them, checked together with what else is wrong.
    static func heterogeneousCode(
        _ rows: [[Int]], _ probabilities: [Rational], _ defects: inout Defects
    ) throws(Refusal) -> HeterogeneousGradientCode {
        let allocation = defects.attempt { () throws(Refusal) in try Allocation(rows) }
        let straggling = defects.probabilities(probabilities, count: rows.count)
        let code: HeterogeneousGradientCode? =
            if let allocation, let straggling, straggling.count == allocation.workers {
                defects.attempt { () throws(Refusal) in
                    try HeterogeneousGradientCode(allocation: allocation, straggling: straggling)
                }
            } else { nil }
        try defects.refuse()
        return code.sound
    }
}

extension AllocationProblem {
    /// The answer of a strategy.
    fileprivate func answer(
        _ strategy: HeterogeneousGradientCode.Allocate.Strategy, target: Rational?
    ) throws(Refusal) -> HeterogeneousGradientCode.Allocate.Answer {
        switch strategy {
        case .lpt: return describe(try longestProcessingTimeFirst())
        case .cyclic: return describe(try cyclic())
        case .exact:
            guard let target else { return describe(try leastResidual()) }
            guard let allocation = try fewestCopies(target: target) else {
                return .init(status: .infeasible, allocation: nil)
            }
            return describe(allocation)
        case .minimumRedundancy:
            let result = try minimumRedundancy(target: target ?? 1)
            guard let allocation = result.allocation else {
                return .init(
                    status: result.status == .infeasible ? .infeasible : .greedyFailed, allocation: nil,
                    lowerBound: result.lowerBound)
            }
            var answer = describe(allocation)
            answer.lowerBound = result.lowerBound
            return answer
        }
    }

    private func describe(_ allocation: Allocation) -> HeterogeneousGradientCode.Allocate.Answer {
        let (odds, loads) = (odds, allocation.loads)
        let sums = (0..<partitions).map { j in allocation.workers(of: j).map { odds[$0] }.total }
        return .init(
            status: .complete, allocation: allocation.rows, oddsSums: sums,
            residual: sums.map(\.reciprocal).total, copies: loads.reduce(0, +), largestLoad: loads.max() ?? 0,
            factor: BalanceBound(oddsSums: sums, largestOdds: .finite(0))?.factor)
    }
}

extension Defects {
    /// Defects of a heterogeneous code, in the order of its operations.
    static var heterogeneous: Defects {
        Defects([.indexOutOfRange, .duplicateWorker, .invalidProbability, .infeasiblePartition, .outOfRange])
    }

    /// One probability a worker.
    mutating func probabilities(_ values: [Rational], count: Int) -> [Probability]? {
        require(values.count == count, .dimensionMismatch, "\(values.count) probabilities for \(count) workers")
        return attempt { () throws(Refusal) in try Probability.all(values) }
    }

    /// A matrix of rows of one length; nil, which is noted, where they differ.
    mutating func matrix(_ rows: [[Rational]], _ name: String) -> RationalMatrix? {
        let matrix = RationalMatrix(rows)
        require(matrix != nil, .dimensionMismatch, "the rows of \(name) differ in length")
        return matrix
    }

    /// A covariance of so many numbers; nil, which is noted, where it is none.
    mutating func covariance(_ rows: [[Rational]], count: Int) -> RationalMatrix? {
        guard let matrix = matrix(rows, "dependence") else { return nil }
        require(
            matrix.rows == count && matrix.columns == count, .dimensionMismatch,
            "the dependence is not \(count) × \(count)")
        guard matrix.rows == matrix.columns else { return nil }
        var isCovariance = matrix == matrix.transposed
        if isCovariance, case .refutation = matrix.positiveSemidefiniteness() { isCovariance = false }
        require(isCovariance, .invalidParameters, "the dependence is not symmetric and positive semidefinite")
        return matrix
    }
}

extension Int {
    /// The square, or the greatest integer where that is less.
    fileprivate var squared: Int {
        let square = multipliedReportingOverflow(by: self)
        return square.overflow ? .max : square.partialValue
    }
}
