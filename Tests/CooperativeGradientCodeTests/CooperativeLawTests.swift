import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
import GradientCodes
import Testing

@Suite struct CooperativeLawTests {
    typealias Construction = CyclicRepetitionCode.Construction

    func tables(_ construction: Construction, _ M: Int, _ s: Int, attempts: Int = 1) throws -> CooperativeTables {
        CooperativeTables(
            try CooperativeGradientCode(clients: M, stragglers: s, attempts: attempts),
            encodingMatrix: try cyclic(construction, M, s))
    }

    func entries(_ tables: CooperativeTables, _ event: CooperativeTables.Event) -> [[Int]] {
        tables.entries(of: event).map { [$0.u, $0.j, $0.count] }
    }

    @Test func `the tables of (3,1) are those of the document`() throws {
        for construction in [Construction.integers, .tightIntegers] {
            let tables = try tables(construction, 3, 1)
            #expect(entries(tables, .full) == [[0, 0, 1], [0, 1, 3], [0, 2, 3], [0, 3, 1], [1, 0, 3]])
            #expect(entries(tables, .rank) == [[0, 1, 3], [0, 2, 3], [0, 3, 1]])
            #expect(entries(tables, .partial) == [[1, 1, 6], [1, 2, 3], [2, 1, 3]])
            #expect(entries(tables, .none) == [[2, 0, 3], [3, 0, 1]])
            #expect(entries(tables, .threshold) == [[0, 0, 1], [0, 1, 3], [1, 0, 3]])
        }
    }

    @Test func `the tables of (4,2) are those of the document`() throws {
        let tables = try tables(.tightIntegers, 4, 2)
        #expect(
            entries(tables, .full) == [
                [0, 0, 1], [0, 1, 8], [0, 2, 28], [0, 3, 48], [0, 4, 70], [0, 5, 56], [0, 6, 28], [0, 7, 8], [0, 8, 1],
                [1, 0, 4], [1, 1, 24], [1, 2, 16], [1, 3, 16], [1, 4, 4], [2, 0, 6],
            ])
        #expect(
            entries(tables, .partial) == [
                [1, 2, 4], [1, 3, 44], [1, 4, 56], [1, 5, 24], [1, 6, 4], [2, 2, 14], [2, 3, 24], [2, 4, 6], [3, 2, 4],
            ])
        #expect(
            entries(tables, .none) == [
                [0, 3, 8], [1, 2, 40], [1, 3, 20], [2, 1, 24], [2, 2, 22], [3, 0, 4], [3, 1, 8], [4, 0, 1],
            ])
        #expect(
            entries(tables, .rank) == [
                [0, 2, 20], [0, 3, 40], [0, 4, 66], [0, 5, 56], [0, 6, 28], [0, 7, 8], [0, 8, 1],
            ])
    }

    /// Code, M, s, then CoGC, H, full, rank, partial, none.
    static let counts: [(Construction, Int, Int, [Int])] = [
        (.integers, 2, 1, [5, 6, 6, 3, 2, 1]), (.integers, 3, 1, [7, 11, 11, 7, 12, 4]),
        (.integers, 3, 2, [61, 79, 88, 36, 12, 25]), (.tightIntegers, 4, 1, [9, 20, 20, 15, 50, 11]),
        (.integers, 4, 1, [9, 20, 25, 15, 46, 10]), (.ones, 4, 1, [9, 20, 30, 15, 42, 9]),
        (.integers, 4, 2, [113, 290, 318, 219, 180, 127]), (.integers, 5, 1, [11, 37, 37, 31, 180, 26]),
        (.tightIntegers, 5, 2, [181, 1084, 1161, 978, 1297, 667]),
        (.integers, 5, 2, [181, 1082, 1210, 976, 1254, 661]),
        (.tightIntegers, 6, 1, [13, 70, 70, 63, 602, 57]), (.integers, 6, 1, [13, 70, 93, 63, 581, 55]),
        (.ones, 6, 1, [13, 70, 153, 63, 527, 49]),
    ]
    #if !DEBUG
        /// Those that take too long without optimisation.
        static let largerCounts: [(Construction, Int, Int, [Int])] = [
            (.integers, 4, 3, [2465, 3761, 4686, 1992, 1258, 617]),
            (.tightIntegers, 5, 3, [5801, 31906, 35434, 28605, 12345, 11270]),
            (.integers, 5, 3, [5801, 31733, 35469, 28428, 12512, 11068]),
            (.tightIntegers, 6, 2, [265, 4187, 4278, 4039, 8324, 3023]),
            (.integers, 6, 2, [265, 4182, 4588, 4034, 8061, 2976]),
            (.ones, 6, 2, [265, 3588, 7116, 3395, 6898, 1611]),
        ]
    #else
        static let largerCounts: [(Construction, Int, Int, [Int])] = []
    #endif

    @Test func `the numbers of patterns are those of the document`() throws {
        for (construction, M, s, counts) in Self.counts + Self.largerCounts {
            let tables = try tables(construction, M, s)
            let events: [CooperativeTables.Event] = [.threshold, .hierarchical, .full, .rank, .partial, .none]
            #expect(events.map(tables.total) == counts, "\(construction) (\(M),\(s))")
            #expect(counts[2] + counts[4] + counts[5] == (0..<M).reduce(1) { product, _ in product * ((1 << s) + 1) })
            let (p, q) = (Rational(1, 3), Rational(2, 7))
            let total = [CooperativeTables.Event.full, .partial, .none].map {
                tables.probability(of: $0, stragglers: s, uplink: p, link: q)
            }.total
            #expect(total == 1)
        }
    }

    @Test func `two attempts have the counts of the document`() throws {
        let expected: [(Construction, Int, Int, [Int])] = [
            (.integers, 2, 1, [65, 74, 74, 59, 6, 1]), (.integers, 3, 1, [425, 605, 605, 551, 114, 10]),
            (.integers, 3, 2, [11529, 14919, 15054, 13050, 186, 385]),
            (.tightIntegers, 4, 1, [2625, 4988, 4988, 4799, 1506, 67]),
        ]
        for (construction, M, s, counts) in expected {
            let tables = try tables(construction, M, s, attempts: 2)
            let events: [CooperativeTables.Event] = [.threshold, .hierarchical, .full, .rank, .partial, .none]
            #expect(events.map(tables.total) == counts, "\(construction) (\(M),\(s))")
        }
    }

    @Test func `the tables are those of every pattern looked at by itself`() throws {
        for (construction, M, s) in [
            (Construction.integers, 3, 1), (.integers, 3, 2), (.ones, 4, 1), (.integers, 4, 1),
        ] {
            let B = try cyclic(construction, M, s)
            let scheme = try CooperativeGradientCode(clients: M, stragglers: s)
            let tables = try tables(construction, M, s)
            var counts: [CooperativeTables.Event: [[Int]: Int]] = [:]
            for pattern in patterns(M, s) {
                let rows = try rows(pattern)
                let reception = try CooperativeReception(scheme: scheme, encodingMatrix: B, rows: rows)
                let decoding = try reception.decode(.plus)
                let place = [M - rows.count, rows.map { s + 1 - $0.available.count }.reduce(0, +)]
                let event: CooperativeTables.Event =
                    switch decoding.outcome {
                    case .full: .full
                    case .partial: .partial
                    case .none: .none
                    }
                counts[event, default: [:]][place, default: 0] += 1
                if reception.isFull(.all) { counts[.rank, default: [:]][place, default: 0] += 1 }
                if reception.isFull(.threshold) { counts[.threshold, default: [:]][place, default: 0] += 1 }
                if reception.isFull(.hierarchical) { counts[.hierarchical, default: [:]][place, default: 0] += 1 }
            }
            for (event, places) in counts {
                #expect(
                    Dictionary(uniqueKeysWithValues: tables.entries(of: event).map { ([$0.u, $0.j], $0.count) })
                        == places)
            }
        }
    }

    @Test func `probabilities of (5,2) are those of the document`() throws {
        let tables = try tables(.tightIntegers, 5, 2)
        let rows: [(Rational, Rational, String)] = [
            (Rational(1, 10), Rational(1, 10), ".8731 .9000 .9050 .1246 .0081 .0868"),
            (Rational(1, 10), Rational(3, 5), ".0238 .5919 .6076 .5824 .3266 .0657"),
            (Rational(1, 2), Rational(3, 5), ".0045 .0346 .0417 .0308 .6009 .3574"),
        ]
        for (p, q, line) in rows {
            let events: [CooperativeTables.Event] = [.threshold, .hierarchical, .full, .rank, .partial, .none]
            let found = events.map { tables.probability(of: $0, stragglers: 2, uplink: p, link: q).decimal(digits: 4) }
            #expect(found.joined(separator: " ") == line.split(separator: " ").map { "0" + $0 }.joined(separator: " "))
        }
    }

    @Test func `a better link can destroy recovery`() throws {
        let expected: [(Construction, Int, Int, (Rational) -> Rational)] = [
            (.integers, 3, 2, { 1 - 6 * $0.power(3) * (1 - $0).power(3) }),
            (.tightIntegers, 4, 2, { 1 - 8 * $0.power(3) * (1 - $0).power(5) }),
            (.tightIntegers, 5, 2, { 1 - 10 * $0.power(3) * (1 - $0).power(7) }),
            (.integers, 5, 2, { 1 - 12 * $0.power(3) * (1 - $0).power(7) }),
        ]
        for (construction, M, s, polynomial) in expected {
            let tables = try tables(construction, M, s)
            for q in [0, Rational(1, 4), Rational(1, 2), 1] {
                #expect(tables.probability(of: .full, stragglers: s, uplink: 0, link: q) == polynomial(q))
            }
        }
    }

    @Test func `heterogeneous laws are those of all patterns`() throws {
        for (M, s) in [(3, 1), (3, 2), (4, 1)] {
            let B = try cyclic(.integers, M, s)
            let scheme = try CooperativeGradientCode(clients: M, stragglers: s)
            let model = try heterogeneous(M, case: 1)
            for decoder in CooperativeGradientCode.Decoder.allCases {
                let law = CooperativeLaw(scheme, encodingMatrix: B, model: model, decoder: decoder)
                var (full, partial): (Rational, [[Int]: Rational]) = (0, [:])
                for pattern in patterns(M, s) {
                    let chance = probability(pattern, s, model)
                    guard !chance.isZero else { continue }
                    let decoding = try CooperativeReception(
                        scheme: scheme, encodingMatrix: B, rows: try rows(pattern)
                    ).decode(decoder)
                    if decoding.outcome == .full { full += chance }
                    if decoding.outcome == .partial { partial[decoding.recovered, default: 0] += chance }
                }
                #expect(law.full == full, "\(decoder)")
                #expect(law.partial == partial, "\(decoder)")
            }
        }
    }

    @Test func `Theorem 3 is the law for s = 1`() throws {
        for M in 2...5 {
            let scheme = try CooperativeGradientCode(clients: M, stragglers: 1)
            for number in 0..<3 {
                let model = try heterogeneous(M, case: number)
                for construction in [Construction.tightIntegers, .integers] {
                    let law = CooperativeLaw(
                        scheme, encodingMatrix: try cyclic(construction, M, 1), model: model, decoder: .plus)
                    let closed = try CooperativeClosedForm.fullRecovery(scheme, model)
                    #expect(construction == .tightIntegers ? law.full == closed : law.full >= closed)
                    #expect((0..<M).map { law.recovery(of: $0) } == (try CooperativeClosedForm.recovery(scheme, model)))
                    let gain = try CooperativeClosedForm.gainOverThreshold(scheme, model)
                    #expect(closed - (1 - scheme.outage(model)) == gain)
                }
            }
        }
    }

    @Test func `Theorem 4 bounds every law`() throws {
        for (construction, M, s) in [
            (Construction.integers, 3, 1), (.integers, 3, 2), (.ones, 4, 1), (.tightIntegers, 4, 2),
        ] {
            let B = try cyclic(construction, M, s)
            for number in 0..<3 {
                let model = try heterogeneous(M, case: number)
                let scheme = try CooperativeGradientCode(clients: M, stragglers: s)
                let law = CooperativeLaw(scheme, encodingMatrix: B, model: model, decoder: .plus)
                #expect(law.full >= (try CooperativeRecoveryBound.leastFull(scheme, model)))
                #expect(law.full <= (try CooperativeRecoveryBound.greatestFull(scheme, model)))
                #expect(law.none <= (try CooperativeRecoveryBound.greatestNone(scheme, model)))
                let least = try CooperativeRecoveryBound.leastRecovery(scheme, model)
                for k in 0..<M { #expect(law.recovery(of: k) >= least[k]) }
                let twice = try CooperativeGradientCode(clients: M, stragglers: s, attempts: 2)
                let stacked = CooperativeLaw(twice, encodingMatrix: B, model: model, decoder: .plus)
                let alone = CooperativeRecoveryBound.leastFull(attempts: 2, single: law.full)
                let accumulated = try CooperativeRecoveryBound.leastFullOfStacks(twice, model)
                let retries = 1 - twice.outageOfRetries(model)
                #expect(stacked.full >= alone && alone >= retries)
                #expect(stacked.full >= accumulated && accumulated >= retries)
                let everything = CooperativeLaw(twice, encodingMatrix: B, model: model, decoder: .all)
                #expect(everything.full >= (try CooperativeRecoveryBound.leastRank(twice, model)))
            }
        }
        let scheme = try CooperativeGradientCode(clients: 2, stragglers: 0)
        #expect(throws: Refusal.self) { try CooperativeRecoveryBound.leastFull(scheme, heterogeneous(2, case: 0)) }
    }
}
