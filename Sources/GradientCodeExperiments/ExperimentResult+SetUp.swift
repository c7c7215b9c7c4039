import GradientCodes

extension ExperimentResult {
    /// Everything that is needed to repeat the measurement.
    var setUp: String {
        let bullets = [sizes, allocation, data, losses, reference, stragglers, training, range, bits, step, bands]
        return "<a id=\"set-up\"></a>\n## Set-up\n\n" + bullets.map { Page.bullet($0) }.joined(separator: "\n")
    }

    private var sizes: String {
        let (n, d) = (experiment.data.samples, experiment.dimension)
        return """
            *Sizes.* N = \(experiment.workers) workers, M = \(experiment.workers) subsets of \
            \(experiment.samplesPerSubset) samples, n = \(n) samples, D = \(d). With this D the signs weigh more than the 32 \
            bits of a range, and with n/D = \(Double(n) / Double(d)) a few steps do not solve the problem. M = N, so that \
            without redundancy each worker has one subset.
            """
    }

    private var allocation: String {
        """
        *Allocation.* Cyclic with d = \(experiment.replication): worker i holds the subsets i, …, i + \
        \(experiment.replication - 1) mod N. Methods with d = 1 and the uncoded one: worker i holds subset i. A worker with \
        d subsets computes d times as many gradients; this is not counted.
        """
    }

    private var data: String {
        """
        *Data.* Seed \(experiment.dataSeed), u(t, i) the [test data](../numerics.md#randomness) of stream 3. Sample s of \
        subset k has the features x = u(2, \(experiment.samplesPerSubset)k + s) and the label ⟨x, θ_k⟩ + e/8 + o: θ_k = \
        (3/8)(u(0, 0) + u(1, k)), e is entry s of u(3, k), and o is four times entry s of u(4, k) where s mod 8 = 7, else \
        0. All in binary32; the label is summed from e/8 by ascending coordinate, o last. The subsets disagree about the \
        model, so their gradients do not vanish at the minimum.
        """
    }

    private var losses: String {
        """
        *Losses.* F is the mean over the samples of a loss of the residual r = ⟨x, θ⟩ − label. *Least squares*: r²/2, \
        convex. *Robust*: r²/(1 + r²), after Geman and McClure, not convex; a rational function, so every platform computes \
        the same bits. f_k is the part of F from subset k.
        """
    }

    private var reference: String {
        """
        *Reference minimum.* The lower end of two gradient descents of \(experiment.descentSteps) steps 1/L in binary64, \
        from θ = 0 and from (3/8)u(0, 0); L is the largest absolute row sum of XᵀX/n, for the robust loss twice that. For \
        the robust loss this need not be the global minimum: a gap can be negative.
        """
    }

    private var stragglers: String {
        """
        *Stragglers.* Independent, stream 0, the same words for all methods. *Equal rates*: every worker straggles with \
        probability p. *Unequal rates*: workers 0…\(experiment.workers / 2 - 1) with p/2, the others with 3p/2. With equal \
        rates the expected update of a method that ignores stragglers is the right one times 1 − p, for which the choice of \
        the step makes up; only unequal rates bias its direction.
        """
    }

    private var training: String {
        "*Training.* θ ← θ − γY from θ = 0 with a constant step γ and without projection, in binary32."
    }

    private var range: String {
        """
        *Range.* Where it is agreed in advance: 5/4 of the largest magnitude of a coordinate of any worker's coded gradient \
        at θ = 0, for all coordinates and the whole run. Each worker sends 32 bits for it before the first iteration; nobody \
        straggles then. A coordinate out of range refuses the round: the model stays, the bits are counted. The factor 5/4 \
        was fixed after a trial with 2 and a budget of 20 · N · 32 D, in which no round was refused.
        """
    }

    private var bits: String {
        """
        *Bits.* Each responder's message counts as in the table below; stragglers send nothing. The gap at a checkpoint is \
        that of the last model for which the bits sent, set-up included, do not exceed the checkpoint. The budget is \
        \(experiment.uncompressedRounds) · N · 32 D = \(experiment.budget.grouped) bits. Bits from the server to the workers \
        are not counted.
        """
    }

    private var step: String {
        let (exponents, seeds) = (experiment.stepExponents, experiment.tuningSeeds)
        return """
            *Step.* For each setting and method the best of 2^k, k = \(exponents.lowerBound), …, \(exponents.upperBound), \
            by the gap when the budget is spent: first by seed \(seeds.lowerBound) among all, then by the mean over the seeds \
            \(seeds.lowerBound), …, \(seeds.upperBound) among the winner and its neighbours. These seeds are not used again.
            """
    }

    private var bands: String {
        let count = experiment.seeds.count
        return """
            *Bands.* Runs with the seeds \(experiment.seeds.lowerBound), …, \(experiment.seeds.upperBound); mean ± \
            t s/√\(count), s² the sum of squared deviations over \(count - 1), t = \
            \(StudentDistribution.quantile(degreesOfFreedom: count - 1)), the 0.975 quantile of Student's t with \(count - 1) \
            degrees of freedom. For an even number ν of them P(|T| ≤ t) is \
            sin φ · (1 + (1/2) cos²φ + (1·3)/(2·4) cos⁴φ + … + (1·3·…·(ν−3))/(2·4·…·(ν−2)) cos^(ν−2) φ) with sin²φ = \
            t²/(ν + t²) (Abramowitz and Stegun, 26.7.4), and t makes it 0.95. The bands are about the draws of stragglers and \
            messages; the data are fixed, so they say nothing about other data. A trial with the same data and seeds preceded \
            the choice of budget, rates and grid of steps.
            """
    }

    /// Names, explanations and message sizes of the methods.
    var methodTable: String {
        var table = Table(
            header: ["method", "what is sent", "d", "bits of a message", "bits of a worker before the start"])
        for method in methods {
            table.rows.append([
                method.name, method.summary, "\(method.allocation.replication[0])", "\(method.messageBits)",
                method.needsRange ? "32" : "0",
            ])
        }
        let note = """
            A message of rand-K holds \(experiment.kept) values of 32 bits and as many indices of ⌈log₂ D⌉ bits. The \
            coordinates are those with the smallest (u, j), u the word of stream 4 at the iteration, the worker and j. All \
            methods but the uncoded sign have the weights 1/(d(1 − p_i)).
            """
        return "<a id=\"methods\"></a>\n## Methods\n\n" + table.markdown + "\n\n" + Page.wrap(note)
    }

    /// Where the problems start and what their reference minima are.
    var referenceTable: String {
        var table = Table(header: ["problem", "F(0)", "reference minimum", "‖∇F‖ there", "gap at the start"])
        for reference in references {
            let start = reference.problem.value(at: [Double](repeating: 0, count: experiment.dimension))
            table.rows.append([
                reference.problem.loss == .leastSquares ? "least squares" : "robust", start.scientific(4),
                reference.minimum.value.scientific(4), reference.minimum.gradientNorm.scientific(1),
                (start - reference.minimum.value).scientific(4),
            ])
        }
        return table.markdown
    }
}
