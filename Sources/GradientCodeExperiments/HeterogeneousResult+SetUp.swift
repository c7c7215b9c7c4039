import ExactArithmetic

extension HeterogeneousResult {
    /// Everything that is needed to repeat the measurement.
    var setUp: String {
        let bullets = [
            """
            *Sizes.* n = m ∈ {\(list(experiment.sizes))}, loads ℓ ∈ {\(list(experiment.loads))}; the page shows n = \
            \(shownSize) and ℓ = \(shownLoad), the data all.
            """,
            """
            *Profiles.* *equal*: all p_i = 1/5. *halves, line, last quarter*: p_i = (1 + h d_i)/5, mean 1/5, with d = −1 for \
            one half and 1 for the other; d_i = (2i − n + 1)/(n − 1); d = −1 for three quarters and 3 for the last. *1/20 and \
            1/2*: a half each. *power law*: p_i = 1/(i + 2). *geometric odds*: p_i = 1/(1 + 2^k), k = 0, …, 7 for an eighth of \
            the workers each. The last three have other means.
            """,
            """
            *Order.* Cyclic allocations depend on it. *sorted*: by ascending p_i, so that neighbours are alike. *mixed*: by (u, \
            i), u the word of worker i in stream 3 with seed \(HeterogeneousExperiment.seed), t = i = 0 and j = i. One \
            permutation for each n, chosen before any number was seen.
            """,
            """
            *Codes.* The [baselines](../HeterogeneousGradientCode.md#baselines), [LPT](../HeterogeneousGradientCode.md#lpt), \
            [cyclic](../HeterogeneousGradientCode.md#cyclic) and \
            [minimum redundancy](../HeterogeneousGradientCode.md#minimum-redundancy). *Bernoulli, one-step*: every worker holds \
            every partition with probability ℓ/m, and the server weighs responders by m/(rℓ), r their number; its residual is a \
            mean over the draw of the code too, with 1 a partition where nobody responds.
            """,
            """
            *Equal residual.* Loads are whole numbers and the same for all workers, so savings come in steps: from 6 to 5 it is \
            17 %. Minimum redundancy is the greedy rule; its caps are none, the load of blind weights on the mixed cyclic \
            allocation, and that of the optimal code on LPT, for the same target in every partition.
            """,
            """
            *Wrong probabilities.* *odds × γ*: p̂ = p/(p + γq), the code then made for γ times the odds. *k rounds*: p̂ = (x + \
            1)/(k + 2) after x straggling rounds of t = 0, …, k − 1 of the independent straggler model, seeds \
            \(experiment.seeds.lowerBound), …, \(experiment.seeds.upperBound). Bias and residual of each p̂ are exact \
            ([Corollary H1′](../HeterogeneousGradientCode.md#corollary-h1-prime)); only the choice of p̂ is sampled.
            """,
            """
            *Descent.* f_j(x) = Σ_d (h_jd/2)(x_d − y_jd)² in four coordinates, h_jd = (d + 1)(1 + (j(d + 1) mod 5)), x_0 = (4, \
            4, 4, 4); *disagreeing*: y_jd = (j(2d + 3) mod 7) − 3; *agreeing*: all 0. Constant steps, \
            \(experiment.iterations) iterations; μ = max_d Σ_j h_jd. Theorem C0 with the bias added for the codes that have one. \
            Moments are rounded down to multiples of 2⁻²⁵⁶ after each iteration, far below what is printed.
            """,
        ]
        return "<a id=\"set-up\"></a>\n## Set-up\n\n" + bullets.map { Page.bullet($0) }.joined(separator: "\n")
    }

    private func list(_ numbers: [Int]) -> String { numbers.map { "\($0)" }.joined(separator: ", ") }
}
