import ExactArithmetic
import GradientCodeOperations
import GradientCodes

extension Allocation {
    /// Vectors of `allocation.build`.
    static var buildVectors: VectorFile {
        var file = VectorFileBuilder(Build.self, "The allocation families, worker-major.")
        file.group(1, "SmallFamilies", profile: .wire, basis: .house) { tests in
            func add(
                _ tcId: Int, _ comment: String, _ flags: [VectorFlag], _ descriptor: AllocationDescriptor,
                _ rows: [[Int]]
            ) {
                tests.valid(tcId, comment, flags, Build(descriptor: descriptor), .init(allocation: rows))
            }
            add(1, "one worker, one partition", [.smallest], .init(.fullReplication, workers: 1, partitions: 1), [[1]])
            add(
                2, "full replication", [.normal], .init(.fullReplication, workers: 2, partitions: 3),
                [[1, 1, 1], [1, 1, 1]])
            add(
                3, "cyclic, N = 4, d = 2", [.handExample], .init(.cyclic, workers: 4, replication: 2),
                [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 1]])
            add(4, "cyclic, d = N", [.smallest], .init(.cyclic, workers: 2, replication: 2), [[1, 1], [1, 1]])
            add(
                5, "fractional repetition: worker i is in group i mod G", [.normal],
                .init(.fractionalRepetition, workers: 4, partitions: 4, replication: 2),
                [[1, 1, 0, 0], [0, 0, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1]])
            add(
                6, "Sylvester of order 2", [.normal], .init(.hadamard, partitions: 3, order: 2),
                [[1, 1, 1], [0, 1, 0], [1, 0, 0], [0, 0, 1]])
            add(
                7, "random, seed 7: the example of the documentation", [.handExample],
                .init(.random, workers: 5, replications: [2, 3, 1], seed: 7),
                [[0, 0, 0], [0, 1, 0], [1, 0, 0], [0, 1, 1], [1, 1, 0]])
            add(
                8, "Fano plane", [.normal], .init(.differenceSet, set: [0, 1, 3], modulus: 7),
                (0..<7).map { i in (0..<7).map { j in [0, 1, 3].contains((j - i + 7) % 7) ? 1 : 0 } })
            add(
                9, "full factorial, worker = digit string", [.normal],
                .init(.fullFactorial, levels: [2, 2], thresholds: [1, 1]), [[1, 1], [1, 0], [0, 1], [0, 0]])
            add(
                10, "affine plane of order 2, a = 1: worker (x, y), (cx + y) mod 2 < 1, then x < 1", [.normal],
                .init(.affinePlane, partitions: 3, order: 2, threshold: 1),
                [[1, 1, 1], [0, 0, 1], [1, 0, 0], [0, 1, 0]])
            add(
                11, "a partition for everybody", [.normal], .init(.cyclic, workers: 2, replication: 1, universal: 1),
                [[1, 0, 1], [0, 1, 1]])
        }
        file.group(2, "Refusals", profile: .wire, basis: .house) { tests in
            func refuse(
                _ tcId: Int, _ comment: String, _ descriptor: AllocationDescriptor,
                _ kind: Refusal.Kind = .invalidParameters, _ flag: VectorFlag = .invalidParameters
            ) {
                tests.invalid(tcId, comment, [flag], Build(descriptor: descriptor), kind)
            }
            refuse(30, "no worker", .init(.fullReplication, workers: 0, partitions: 1))
            refuse(31, "no partition", .init(.fullReplication, workers: 1, partitions: 0))
            refuse(32, "a parameter is missing", .init(.cyclic, workers: 4))
            refuse(33, "cyclic, d > N", .init(.cyclic, workers: 4, replication: 5))
            refuse(34, "cyclic, d = 0", .init(.cyclic, workers: 4, replication: 0))
            refuse(35, "a composite order", .init(.affinePlane, partitions: 2, order: 4, threshold: 1))
            refuse(36, "more subsets than the plane has", .init(.affinePlane, partitions: 5, order: 3, threshold: 1))
            refuse(37, "as many partitions as a Sylvester matrix has rows", .init(.hadamard, partitions: 4, order: 2))
            refuse(38, "a set with a repeated element", .init(.differenceSet, set: [0, 0, 3], modulus: 7))
            refuse(
                39, "an element outside the modulus", .init(.differenceSet, set: [0, 1, 7], modulus: 7))
            refuse(
                40, "levels without thresholds", .init(.fullFactorial, levels: [2, 2], thresholds: [1]),
                .dimensionMismatch, .sizes)
            refuse(
                41, "groups that do not divide the workers",
                .init(.fractionalRepetition, workers: 5, partitions: 4, replication: 2), .nonDivisible, .sizes)
            refuse(
                42, "groups that do not divide the partitions",
                .init(.fractionalRepetition, workers: 4, partitions: 3, replication: 2), .nonDivisible, .sizes)
            refuse(
                43, "a column of a random allocation held by nobody",
                .init(.random, workers: 3, replications: [1, 0], seed: 1), .infeasiblePartition)
            refuse(
                44, "a column held by more workers than there are",
                .init(.random, workers: 3, replications: [4], seed: 1))
            refuse(45, "fewer than no universal partitions", .init(.cyclic, workers: 2, replication: 1, universal: -1))
            refuse(46, "a size beyond memory", .init(.fullReplication, workers: 1 << 40, partitions: 1 << 40))
        }
        return file.file
    }

    /// Vectors of `allocation.report`.
    static var reportVectors: VectorFile {
        var file = VectorFileBuilder(
            Report.self, "Loads, replication and the exact balance gap max |lambda_kl - d_k d_l / N|.")
        file.group(1, "Balance", profile: .core, basis: .derived) { tests in
            func add(
                _ tcId: Int, _ comment: String, _ rows: [[Int]], gap: Rational, loads: [Int], replication: [Int],
                _ flag: VectorFlag = .normal
            ) {
                tests.valid(
                    tcId, comment, [flag], Report(allocation: rows),
                    .init(gap: .exact(gap), loads: loads, replication: replication))
            }
            add(1, "one of each", [[1]], gap: 0, loads: [1], replication: [1], .smallest)
            add(
                2, "the Fano plane: lambda = 1, d^2 / N = 9/7",
                (0..<7).map { i in (0..<7).map { j in [0, 1, 3].contains((j - i + 7) % 7) ? 1 : 0 } },
                gap: Rational(2, 7), loads: Array(repeating: 3, count: 7), replication: Array(repeating: 3, count: 7),
                .handExample)
            add(
                3, "Sylvester of order 2 is balanced", [[1, 1, 1], [0, 1, 0], [1, 0, 0], [0, 0, 1]], gap: 0,
                loads: [3, 1, 1, 1], replication: [2, 2, 2])
            add(
                4, "cyclic, N = 4, d = 2", [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 1]], gap: 1,
                loads: [2, 2, 2, 2], replication: [2, 2, 2, 2])
            add(
                5, "a worker without data", [[1, 1], [0, 0], [1, 0]], gap: Rational(1, 3), loads: [2, 0, 1],
                replication: [2, 1])
            add(
                6, "unequal replication, the greatest gap below its mean", [[1, 0, 1], [0, 1, 1], [0, 1, 0]],
                gap: Rational(2, 3), loads: [2, 2, 1], replication: [1, 2, 2])
            add(
                7, "full replication is balanced", [[1, 1], [1, 1], [1, 1]], gap: 0, loads: [2, 2, 2],
                replication: [3, 3])
        }
        file.group(2, "Refusals", profile: .core, basis: .derived) { tests in
            func refuse(_ tcId: Int, _ comment: String, _ rows: [[Int]], _ kind: Refusal.Kind, _ flag: VectorFlag) {
                tests.invalid(tcId, comment, [flag], Report(allocation: rows), kind)
            }
            refuse(20, "no worker", [], .invalidParameters, .smallest)
            refuse(21, "no partition", [[], []], .invalidParameters, .smallest)
            refuse(22, "an entry 2", [[1, 2]], .invalidParameters, .invalidParameters)
            refuse(23, "an entry -1", [[1, -1]], .invalidParameters, .invalidParameters)
            refuse(24, "rows of different lengths", [[1, 1], [1]], .dimensionMismatch, .sizes)
            refuse(25, "a partition held by nobody", [[1, 0], [1, 0]], .infeasiblePartition, .invalidParameters)
        }
        return file.file
    }
}
