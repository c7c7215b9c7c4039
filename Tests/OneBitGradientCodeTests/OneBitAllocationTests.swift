import ExactArithmetic
import GradientCodeTheory
import GradientCodes
import Testing

/// Σ_i ‖h_i‖² by Gram forms against the h_i themselves.
@Suite struct OneBitAllocationTests {
    static func gradients(_ partitions: Int, _ dimension: Int) -> [[Rational]] {
        var numbers = SmallNumbers(seed: UInt64(100 * partitions + dimension))
        return (0..<partitions).map { _ in (0..<dimension).map { _ in numbers.quarter() } }
    }

    /// Σ_i ‖h_i‖² from the messages, after the two other forms and both bounds agreed with it.
    static func energy(_ allocation: Allocation, _ gradients: [[Rational]]) throws -> Rational {
        let messages = try allocation.expectedMessages(gradients: gradients)
        let energy = messages.map { $0.innerProduct($0) }.total
        #expect(try allocation.messageEnergy(gradients: gradients) == energy)
        let sum = gradients[0].indices.map { j in gradients.map { $0[j] }.total }
        #expect(sum == sum.indices.map { j in messages.map { $0[j] }.total })
        let participants = allocation.loads.indices.filter { allocation.loads[$0] > 0 }
        let count = Rational(participants.count)
        let scatter = participants.map { i in zip(messages[i], sum).map { $0 - $1 / count } }
        #expect(energy == sum.innerProduct(sum) / count + scatter.map { $0.innerProduct($0) }.total)
        let bounds = try allocation.messageEnergyBounds(gradients: gradients)
        #expect(bounds.contains(energy))
        #expect(bounds.lowerBound == sum.innerProduct(sum) / count)
        return energy
    }

    static let plane: [[Int]] = (0..<7).map { line in (0..<7).map { [0, 1, 3].contains(($0 - line + 7) % 7) ? 1 : 0 } }

    @Test func `all forms agree on every family`() throws {
        let families = try [
            Allocation.hadamard(order: 2, partitions: 3), .hadamard(order: 3, partitions: 7),
            .affinePlane(order: 3, subsets: 4, a: 1), .fullFactorial(levels: [2, 3, 2], thresholds: [1, 2, 1]),
            .fullReplication(workers: 3, partitions: 2), Allocation(Self.plane),
            Allocation([[1, 0, 1], [0, 0, 0], [1, 1, 0], [0, 1, 0]]),
        ]
        for allocation in families {
            let gradients = Self.gradients(allocation.partitions, 2)
            let energy = try Self.energy(allocation, gradients)
            if allocation.isPairwiseBalanced {
                #expect(try allocation.balancedMessageEnergy(gradients: gradients) == energy)
            } else {
                #expect(throws: Refusal.self) { try allocation.balancedMessageEnergy(gradients: gradients) }
                #expect(try allocation.randomMessageEnergy(gradients: gradients) != energy)
            }
        }
        #expect(families.map(\.isPairwiseBalanced) == [true, true, true, true, true, false, false])
        // Equality of the lower bound under full replication, of the upper one with a single partition.
        let full = try Allocation.fullReplication(workers: 3, partitions: 2)
        let pair = Self.gradients(2, 2)
        #expect(try full.messageEnergyBounds(gradients: pair).lowerBound == full.messageEnergy(gradients: pair))
        let one = try Allocation([[1], [1]])
        #expect(try one.messageEnergyBounds(gradients: [[3]]) == Rational(9, 2)...Rational(9, 2))
    }

    @Test func `a full factorial with a worker without data is balanced`() throws {
        let factorial = try Allocation.fullFactorial(levels: [2, 2], thresholds: [1, 1])
        #expect(factorial.loads.contains(0) && factorial.isPairwiseBalanced)
        let gradients = Self.gradients(2, 3)
        #expect(try factorial.balancedMessageEnergy(gradients: gradients) == Self.energy(factorial, gradients))
    }

    @Test func `block designs have a form of their own`() throws {
        let plane = try Allocation(Self.plane)
        #expect(plane.common(0, 1) == 1 && plane.replication == [3, 3, 3, 3, 3, 3, 3])
        for allocation in try [plane, .hadamard(order: 2, partitions: 3), .hadamard(order: 3, partitions: 5)] {
            let gradients = Self.gradients(allocation.partitions, 2)
            #expect(try allocation.designMessageEnergy(gradients: gradients) == Self.energy(allocation, gradients))
        }
        for rows in [[[1, 1], [1, 0]], [[1, 1, 0], [1, 0, 1], [0, 1, 1], [1, 1, 1]], [[1]]] {
            let other = try Allocation(rows)
            let gradients = Self.gradients(other.partitions, 1)
            if rows.count == 4 {
                #expect(try other.designMessageEnergy(gradients: gradients) == Self.energy(other, gradients))
            } else {
                #expect(throws: Refusal.self) { try other.designMessageEnergy(gradients: gradients) }
            }
        }
    }

    @Test func `random columns give formula five on average, over all 96 allocations`() throws {
        let gradients = Self.gradients(3, 2)
        var (total, count): (Rational, Int) = (0, 0)
        var last: Allocation?
        for first in WorkerSet.subsets(of: 4, count: 2) {
            for second in WorkerSet.subsets(of: 4, count: 3) {
                for third in WorkerSet.subsets(of: 4, count: 1) {
                    let allocation = try Allocation(
                        (0..<4).map { i in [first, second, third].map { $0.contains(i) ? 1 : 0 } })
                    total += try Self.energy(allocation, gradients)
                    count += 1
                    last = allocation
                }
            }
        }
        #expect(count == 96)
        #expect(try last?.randomMessageEnergy(gradients: gradients) == total / 96)
    }

    @Test func `one p and one range give formula four`() throws {
        for rows in [[[1, 1, 0], [0, 1, 1], [0, 0, 0]], [[1], [1]], Self.plane] {
            let allocation = try Allocation(rows)
            let gradients = Self.gradients(rows[0].count, 2)
            let straggling = try Probability(2, 5)
            let code = try OneBitGradientCode(
                allocation: allocation, straggling: .init(repeating: straggling, count: rows.count))
            let coded = code.participants.map { i in
                (0..<2).map { j in code.plainWeights.row(i).innerProduct(gradients.map { $0[j] }) }
            }
            let moments = OneBitMoments(
                coded: coded, straggling: coded.map { _ in Rational(2, 5) }, ranges: coded.map { _ in [9, 9] })
            let parts = try allocation.oneBitVariance(gradients: gradients, straggling: straggling, range: 9)
            #expect(parts.stragglerPart == moments.stragglerPart && parts.quantiserPart == moments.quantiserPart)
        }
        let single = try Allocation([[1]])
        #expect(throws: Refusal.self) { try single.oneBitVariance(gradients: [[1]], straggling: .one, range: 1) }
        #expect(throws: Refusal.self) { try single.messageEnergy(gradients: [[1], [2]]) }
        let wide = try Allocation([[1, 1]])
        #expect(throws: Refusal.self) { try wide.expectedMessages(gradients: [[1], [2, 3]]) }
    }
}
