/// What ``CompressedExperiment`` measured: a page for people and the numbers for programs.
public struct CompressedExperimentResult: Sendable {
    let experiment: CompressedExperiment
    /// D of the softmax regression.
    let parameters: Int
    let curves: [CompressedExperiment.Curve]

    /// `CompressedGradientCode.md` and `CompressedGradientCode.csv`.
    public var files: [ExperimentResult.File] {
        [
            .init(name: "CompressedGradientCode.md", contents: markdown),
            .init(name: "CompressedGradientCode.csv", contents: csv),
        ]
    }

    /// One line a setting, method and checkpoint; numbers are the shortest decimals that read back as the same binary64.
    public var csv: String {
        var lines = ["problem,p,method,message bits,step,bits,mean,low,high"]
        for curve in curves {
            for (bits, value) in zip(curve.checkpoints, curve.values) {
                lines.append(
                    "\(curve.problem),0.\(curve.tenths),\(curve.method),\(curve.bits),\(curve.step),\(bits),"
                        + "\(value.mean),\(value.low),\(value.high)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The page: set-up, tables, and findings that follow from the tables by a stated rule.
    public var markdown: String {
        ([introduction, setUp] + groups.map(table) + [findings]).joined(separator: "\n\n") + "\n"
    }

    /// The curves of each setting, in their order.
    private var groups: [[CompressedExperiment.Curve]] {
        var groups: [[CompressedExperiment.Curve]] = []
        for curve in curves {
            if let last = groups.last?.last, last.problem == curve.problem, last.tenths == curve.tenths {
                groups[groups.count - 1].append(curve)
            } else {
                groups.append([curve])
            }
        }
        return groups
    }

    private var introduction: String {
        """
        # Compressed gradient coding at equal bits

        Written by `gradcode experiment compressed`; the numbers are in
        [CompressedGradientCode.csv](CompressedGradientCode.csv). Only operations that IEEE 754 rounds correctly are used,
        in a fixed order, so every platform writes the same bytes.

        The claim of [compressed gradient coding](../CompressedGradientCode.md#claim) is that error feedback with a biased
        compressor is better than the [baselines](../CompressedGradientCode.md#baselines) at equal communication. Here the
        loss is measured against the bits that all workers have sent so far, padding included.
        """
    }

    private var setUp: String {
        let methods = (try? experiment.methods(parameters)) ?? []
        let lines = [
            "N = \(experiment.workers) workers and as many subsets, cyclic allocation with d = \(experiment.replication), the same"
                + " p for all workers; weights 1/(d_k (1 − p)) in every method.",
            "*Linear regression:* D = \(experiment.dimension), \(experiment.samplesPerSubset) samples a subset, the data of the"
                + " [1-bit experiment](OneBitGradientCode.md) with another seed. The gap to a reference minimum is reported.",
            "*Digits:* softmax regression over the 1797 digits of [data/digits.csv](data/README.md), D = \(parameters), samples"
                + " sorted by class before they are dealt into subsets, so that the subsets differ as much as they can. The"
                + " loss is reported, which is ln 10 = 2.303 at the start.",
            "Budget: \(experiment.uncompressedRounds) uncompressed messages of every worker; θ_0 = 0.",
            "Steps: powers of two from 2^\(experiment.stepExponents.lowerBound) to 2^\(experiment.stepExponents.upperBound); each"
                + " method has the one that ends lowest in a run with the seed 1001. ° marks an end of the grid.",
            "Bands: Student's 95 % band of the mean over \(experiment.seeds.linear.count) seeds (linear regression) and"
                + " \(experiment.seeds.digits.count) seeds (digits).",
        ]
        return
            (["<a id=\"set-up\"></a>", "## Set-up", ""] + lines.map(Page.bullet)
            + methods.map { Page.bullet("`\($0.name)`: \($0.summary), for the digits.") }).joined(separator: "\n")
    }

    private func table(_ group: [CompressedExperiment.Curve]) -> String {
        var table = Table(
            header: ["method", "bits a message", "step"] + group[0].checkpoints.map { $0.grouped + " bits" })
        for curve in group {
            table.rows.append(
                [curve.method, curve.bits.grouped, "2^\(curve.step.exponent)" + (curve.isEndOfGrid ? "°" : "")]
                    + curve.values.map(\.text))
        }
        return "## \(group[0].problem), p = 0.\(group[0].tenths)\n\n" + table.markdown
    }

    /// A method is lower than another if its whole band lies below the other's; if bands touch it is undecided.
    private var findings: String {
        var lines: [String] = []
        for group in groups {
            func final(_ name: String) -> Estimate? { group.first { $0.method == name }?.values.last }
            for first in ["EF sign", "EF block sign", "EF top-K"] {
                let others = group.map(\.method).filter { !$0.hasPrefix("EF") }
                let verdicts = ["lower", "higher", "undecided"].map { verdict in
                    (
                        verdict,
                        others.filter { other in
                            guard let a = final(first), let b = final(other) else { return false }
                            return (a.touches(b) ? "undecided" : a.high < b.low ? "lower" : "higher") == verdict
                        }
                    )
                }
                let text = verdicts.filter { !$0.1.isEmpty }.map { verdict, names in
                    "\(verdict == "undecided" ? "undecided against" : verdict + " than") \(names.joined(separator: ", "))"
                }
                lines.append(
                    Page.bullet(
                        "\(group[0].problem), p = 0.\(group[0].tenths), \(first): " + text.joined(separator: "; ") + "."
                    ))
            }
        }
        let refused = curves.map(\.refused).reduce(0, +)
        lines.append(Page.bullet("Rounds refused because a value was beyond binary32: \(refused)."))
        return
            (["<a id=\"findings\"></a>", "## Findings", ""]
            + [
                "When the budget is spent, at the steps chosen. *Lower* means that the whole band lies below the other's.",
                "",
            ]
            + lines).joined(separator: "\n")
    }
}
