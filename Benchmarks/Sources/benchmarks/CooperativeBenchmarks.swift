import ExactArithmetic
import Foundation
import GradientCodeKernels
import GradientCodeReference
import GradientCodes

/// The number that the peer prints; nil where it cannot run, for want of numpy or python-flint.
private func peer(_ arguments: [String], input: String = "") -> Double? {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Peers/cooperative.py")
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: file) }
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", script.path] + arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? input.write(to: file, atomically: true, encoding: .utf8)) != nil,
        let handle = try? FileHandle(forReadingFrom: file)
    else { return nil }
    process.standardInput = handle
    guard (try? process.run()) != nil else { return nil }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Double(String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
}

private func text(_ value: Double?, _ format: String = "%.2f") -> String {
    value.map { String(format: format, $0) } ?? "–"
}

func simulateOutage() throws {
    let scheme = try CooperativeGradientCode(clients: 10, stragglers: 3)
    let model = try CooperativeLinkModel(clients: 10, uplink: Probability(1, 10), link: Probability(1, 5))
    let groups = 4000
    print("outage of CoGC, M = 10, s = 3: million trials a second, and the ratio to plain numpy")
    let numpy = peer(["outage", "100000"])
    for (name, accelerated) in [("processor's vectors", true), ("portable Swift", false)] {
        let simulation = CooperativeSimulation(scheme, model, seed: 1, accelerated: accelerated)
        var sink = 0
        let seconds = median { sink &+= simulation.successes(groups: 0..<groups) }
        let rate = Double(groups * CooperativeSimulation.groupSize) / seconds
        print("  \(name): \(text(rate / 1e6, "%.1f")), ratio \(text(numpy.map { rate / $0 }))", sink == 0 ? " " : "")
    }
}

/// A small generator for patterns.
private struct Draws {
    var state: UInt64 = 1
    mutating func next(below bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}

func decidePatterns() throws {
    print(
        "outage patterns of CRC-Z(M,3), p = q: µs a pattern with certificates, ratio of python-flint's rref, fallbacks")
    for (M, percent) in [(10, 10), (10, 30), (20, 10), (20, 30)] {
        let B = try CyclicRepetitionCode(workers: M, stragglers: 3).encodingMatrix
        var draws = Draws()
        let count = 4096
        let masks = (0..<count * M).map { place -> UInt64 in
            let m = place % M
            if draws.next(below: 100) < percent { return 0 }
            return (1...3).reduce(1 << UInt64(m)) {
                draws.next(below: 100) < percent ? $0 : $0 | 1 << UInt64((m + $1) % M)
            }
        }
        let lines = (0..<512).map { pattern in
            let rows = (0..<M).filter { masks[pattern * M + $0] != 0 }.map { m -> String in
                let mask = masks[pattern * M + m]
                return "["
                    + (0..<M).map { mask >> UInt64($0) & 1 == 1 ? "\(B[m, $0].numerator)" : "0" }
                    .map { $0.replacingOccurrences(of: "/1", with: "") }.joined(separator: ",") + "]"
            }
            return "[" + rows.joined(separator: ",") + "]"
        }
        let flint = peer(["rref"], input: lines.joined(separator: "\n"))
        guard let decider = MaskedRows(B) else { continue }
        var fallbacks = 0
        // A fresh decider each time: nothing is remembered from one repetition to the next.
        let seconds = median {
            var fresh = decider
            _ = fresh.decide(masks, rows: Array(0..<M))
            fallbacks = fresh.eliminations
        }
        let own = seconds / Double(count) * 1e6
        print(
            "  M = \(M), p = q = \(percent) %: \(text(own)), ratio \(text(flint.map { $0 / own })), \(fallbacks) of \(count)"
        )
    }
}

func eliminate() throws {
    print("one elimination of M − 3 rows of CRC-Z(M,3): µs, and the ratio of python-flint's rref")
    for M in [10, 20, 50] {
        let B = try CyclicRepetitionCode(workers: M, stragglers: 3).encodingMatrix
        var draws = Draws()
        let matrices = (0..<(M > 20 ? 20 : 200)).compactMap { _ -> IntegerMatrix? in
            var rows = Array(0..<M)
            for _ in 0..<3 { rows.remove(at: draws.next(below: rows.count)) }
            return IntegerMatrix(scaling: B.selecting(rows: rows))
        }
        let lines = matrices.map { matrix in
            "["
                + (0..<matrix.rows).map { i in
                    "[" + (0..<M).map { "\(matrix[i, $0])" }.joined(separator: ",") + "]"
                }.joined(separator: ",") + "]"
        }
        let flint = peer(["rref"], input: lines.joined(separator: "\n"))
        let seconds = median { for matrix in matrices { _ = matrix.echelonForm() } }
        let own = seconds / Double(matrices.count) * 1e6
        print("  M = \(M): \(text(own)), ratio \(text(flint.map { $0 / own }))")
    }
}
