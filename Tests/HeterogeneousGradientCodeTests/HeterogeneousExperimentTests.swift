import ExactArithmetic
import Foundation
import GradientCodeExperiments
import GradientCodeReference
import GradientCodeTheory
import GradientCodes
import Testing

/// The data that are kept, by table, n, profile, code and setting.
private struct Kept {
    let lines: [[String]]
    let header: [String]

    init(_ csv: String) {
        var rows = csv.split(separator: "\n").map { Self.fields($0) }
        header = rows.removeFirst()
        lines = rows
    }

    static func committed(_ name: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent("docs/experiments/\(name)"), encoding: .utf8)
    }

    private static func fields(_ line: Substring) -> [String] {
        var (fields, isQuoted) = ([""], false)
        for character in line {
            if character == "\"" {
                isQuoted.toggle()
            } else if character == "," && !isQuoted {
                fields.append("")
            } else {
                fields[fields.count - 1].append(character)
            }
        }
        return fields
    }

    func cell(_ key: [String], _ column: String) throws -> String {
        let index = try #require(header.firstIndex(of: column))
        return try #require(lines.first { Array($0.prefix(5)) == key }, "\(key)")[index]
    }

    func rows(_ table: String) -> [[String]] { lines.filter { $0[0] == table } }
}

@Suite struct HeterogeneousExperimentTests {
    /// R/m and the greatest residual of a partition of a fixed code, by all 2ⁿ patterns.
    private static func enumerate(_ C: RationalMatrix, _ p: [Probability]) -> (mean: Rational, largest: Rational) {
        var residuals = [Rational](repeating: 0, count: C.columns)
        for responders in WorkerSet.subsets(of: p.count) {
            var probability = Rational(1)
            for i in p.indices { probability *= Rational(responders.contains(i) ? p[i].complement : p[i]) }
            for j in residuals.indices {
                let miss = responders.members.map { C[$0, j] }.total - 1
                residuals[j] += probability * miss * miss
            }
        }
        return (residuals.total / Rational(C.columns), residuals.max() ?? 0)
    }

    @Test func `a measurement is a function of its parameters`() throws {
        let first = try HeterogeneousExperiment.small.run().files
        let second = try HeterogeneousExperiment.small.run().files
        #expect(first == second)
        #expect(first.map(\.name) == ["HeterogeneousGradientCode.md", "HeterogeneousGradientCode.csv"])
        #expect(first[0].contents.split(separator: "\n").allSatisfy { $0.hasPrefix("|") || $0.count <= 120 })
    }

    @Test func `the committed data of twenty workers are reproduced, those of equal loads from the whole covariance`()
        throws
    {
        let kept = Kept(try Kept.committed("HeterogeneousGradientCode.csv"))
        for profile in try StragglingProfile.all(workers: 20).suffix(10) {
            for design in HeterogeneousDesign.all {
                let code = try design.code(profile, load: 4)
                let moments = HeterogeneousMoments(
                    coefficients: try design.weights.coefficients(of: code), straggling: code.straggling)
                let key = ["equalLoad", "20", profile.name, design.name, "load 4"]
                #expect(try kept.cell(key, "mean") == "\(Double(moments.residual / 20))")
                #expect(try kept.cell(key, "bias") == "\(Double(moments.bias.innerProduct(moments.bias) / 20))")
            }
            guard !profile.name.hasPrefix("line") else { continue }
            for row in try EqualResidual.measure(profile, targets: [20, 50]) {
                for (index, design) in EqualResidual.designs.enumerated() {
                    let key = ["equalResidual", "20", profile.name, design.name, "residual 1/\(row.target)"]
                    #expect(try kept.cell(key, "loadForMean") == row.meanLoads[index].map { "\($0)" } ?? "")
                    #expect(try kept.cell(key, "loadForEvery") == row.everyLoads[index].map { "\($0)" } ?? "")
                }
                let greedy = "minimum redundancy, cap none; largest of blind weights"
                let key = ["equalResidual", "20", profile.name, greedy, "residual 1/\(row.target)"]
                // Without a cap every partition takes the r best workers whose odds reach the target.
                var (sum, r) = (Rational(0), 0)
                while r < 20 && sum < Rational(row.target) {
                    sum += try #require(profile.straggling[r].odds().value)
                    r += 1
                }
                #expect(try kept.cell(key, "copies") == (sum < Rational(row.target) ? "" : "\(20 * r)"))
            }
        }
        #expect(kept.rows("equalLoad").count == 2 * 16 * 3 * 14)
        #expect(kept.rows("equalResidual").count == 2 * 16 * 2 * 12)
        #expect(kept.rows("adaptive").count == 16 * 6)
        #expect(kept.rows("misestimate").count == 16 * 10 * 2)
        #expect(kept.rows("descent").count == 16 * 4 * 6)
    }

    @Test func `fixed codes of eight workers have the committed residuals over all patterns`() throws {
        let kept = Kept(try Kept.committed("HeterogeneousGradientCode.csv"))
        for profile in try StragglingProfile.all(workers: 8).suffix(5) {
            for weights in [HeterogeneousDesign.Weights.optimal, .blind] {
                let design = HeterogeneousDesign(weights: weights, placement: .longestFirst)
                let code = try design.code(profile, load: 2)
                let expected = Self.enumerate(try weights.coefficients(of: code), code.straggling)
                #expect(
                    try kept.cell(["adaptive", "8", profile.name, design.name, "load 2"], "mean")
                        == "\(Double(expected.mean))")
                let score = try weights.score(of: code)
                #expect(score.mean == expected.mean && score.largest == expected.largest)
            }
        }
    }

    @Test func `residuals of every design are those of all patterns`() throws {
        for profile in try StragglingProfile.all(workers: 4) {
            let row = try EqualLoad(profile, load: 3)
            for (design, score) in zip(HeterogeneousDesign.all, row.scores) {
                let code = try design.code(profile, load: 3)
                let expected = Self.enumerate(try design.weights.coefficients(of: code), code.straggling)
                #expect(score.mean == expected.mean && score.largest == expected.largest)
            }
            #expect(row.floor <= row[.optimal, .longestFirst].mean)
            #expect(row[.blind, .cyclic(.mixed)].mean == row.floor * profile.spread)
        }
    }

    /// E over responders and over the draw of the code, each column by its number of holders among the responders.
    @Test func `a Bernoulli code has the stated residual over all patterns and draws`() throws {
        let profile = try StragglingProfile.all(workers: 4)[5]
        let row = try EqualLoad(profile, load: 1)
        var expected = Rational(0)
        for responders in WorkerSet.subsets(of: 4) {
            var probability = Rational(1)
            for i in 0..<4 {
                let p = profile.straggling[i]
                probability *= Rational(responders.contains(i) ? p.complement : p)
            }
            let r = responders.count
            for k in 0...r {
                let holders = Rational.binomial(r, k) * Rational(1, 4).power(k) * Rational(3, 4).power(r - k)
                let miss = (r == 0 ? 0 : Rational(4 * k, r)) - 1
                expected += probability * holders * miss * miss
            }
        }
        #expect(row.bernoulli == expected)
    }

    @Test func `loads for a residual are the least`() throws {
        for profile in try StragglingProfile.all(workers: 4) {
            let row = try #require(try EqualResidual.measure(profile, targets: [12]).first)
            for (index, design) in EqualResidual.designs.enumerated() {
                let expected = try (1...4).map { load in
                    let code = try design.code(profile, load: load)
                    return Self.enumerate(try design.weights.coefficients(of: code), code.straggling)
                }
                #expect(row.meanLoads[index] == expected.firstIndex { $0.mean <= Rational(1, 12) }.map { $0 + 1 })
                #expect(row.everyLoads[index] == expected.firstIndex { $0.largest <= Rational(1, 12) }.map { $0 + 1 })
            }
            for placement in row.placements {
                guard let allocation = placement.answer.allocation else { continue }
                let code = try HeterogeneousGradientCode(allocation: allocation, straggling: profile.straggling(.mixed))
                #expect(Self.enumerate(code.coefficients(), code.straggling).largest <= Rational(1, 12))
                #expect(placement.copies == allocation.rows.joined().reduce(0, +))
                #expect(placement.largestLoad == allocation.rows.map { $0.reduce(0, +) }.max())
            }
        }
    }

    @Test func `the committed page shows the numbers of the data`() throws {
        let kept = Kept(try Kept.committed("HeterogeneousGradientCode.csv"))
        let page = try Kept.committed("HeterogeneousGradientCode.md")
        let codes = [
            "floor", "optimal, LPT", "optimal, cyclic mixed", "optimal, cyclic sorted", "blind, cyclic mixed",
            "stochastic, cyclic mixed", "stochastic, cyclic sorted", "ignore, cyclic mixed", "Bernoulli, one-step",
        ]
        let section = try #require(page.components(separatedBy: "## Residual at equal load").last)
        let rows = section.split(separator: "\n").filter { $0.hasPrefix("|") }.dropFirst(2).prefix(16).map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        for row in rows {
            for (code, shown) in zip(codes, row.dropFirst()) {
                let value = try #require(Double(try kept.cell(["equalLoad", "100", row[0], code, "load 4"], "mean")))
                #expect((value - (Double(shown) ?? .nan)).magnitude <= 0.5e-4 * (1 + 0x1p-40), "\(row[0]), \(code)")
            }
        }
        let saved = try rows.map { row in
            let loads = try ["optimal, LPT", "blind, cyclic mixed"].map { code in
                let cell = try kept.cell(["equalResidual", "100", row[0], code, "residual 1/50"], "loadForMean")
                return try #require(Int(cell))
            }
            return Rational(loads[1] - loads[0], loads[1])
        }
        let words = page.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
        let states = words.contains("load against blind \(saved.count { $0 >= Rational(2, 5) }),")
        #expect(states, "the count of savings of 40 %")
        let table = page.split(separator: "\n").filter { $0.hasPrefix("|") }.dropFirst(2).prefix(16)
        for (line, saved) in zip(table, saved) {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            #expect(cells[4] == "\((saved * 100).decimal(digits: 0)) %", "\(line)")
        }
    }

    @Test(arguments: [8, 20, 100]) func `profiles are what the page says`(_ n: Int) throws {
        let profiles = try StragglingProfile.all(workers: n)
        #expect(profiles.count == 16 && Set(profiles.map(\.name)).count == 16)
        for profile in profiles {
            let p = profile.straggling
            #expect(p.count == n && p == p.sorted() && p.allSatisfy { $0 > .zero && $0 < .one })
            #expect(profile.straggling(.mixed).sorted() == p)
        }
        let heterogeneity =
            [Rational(0)] + [Rational(1, 4), Rational(1, 2), Rational(3, 4), Rational(9, 10)].flatMap { [$0, $0, $0] }
        for (profile, h) in zip(profiles, heterogeneity) {
            let p = profile.straggling.map { Rational($0) }
            #expect(p.total == Rational(n, 5))
            #expect(p[0] == (1 - h) / 5)
            #expect(h.isZero || profile.name.hasSuffix("h = \(h)"))
        }
        #expect(profiles[0].spread == 1)
        // 1/20 and 1/2 have the odds 19 and 1: the means are 10 and (1/19 + 1)/2.
        #expect(profiles[13].spread == Rational(100, 19))
        #expect(profiles[14].straggling.map { Rational($0) } == (0..<n).reversed().map { Rational(1, $0 + 2) })
        let odds = profiles[15].straggling.compactMap { $0.odds().value }
        #expect(Set(odds) == Set((0..<8).map { Rational(1 << $0) }))
    }

    @Test func `numbers are printed as the page shows them`() {
        #expect(Rational(3, 8).percent == "38 %" && Rational(-1).percent == "-100 %")
        #expect(Rational(1, 3).fixed == "0.3333" && Rational(19, 3).ratio == "6.33")
    }
}
