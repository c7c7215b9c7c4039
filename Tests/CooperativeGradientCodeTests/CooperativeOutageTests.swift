import ExactArithmetic
import GradientCodeReference
import GradientCodeTheory
import GradientCodes
import Testing

@Suite struct CooperativeOutageTests {
    func homogeneous(_ M: Int, _ s: Int, _ p: Probability, _ q: Probability) throws -> CooperativeOutage {
        CooperativeOutage(
            try CooperativeGradientCode(clients: M, stragglers: s),
            try CooperativeLinkModel(clients: M, uplink: p, link: q))
    }

    @Test func `success probabilities are those of the document`() throws {
        let (p, q) = (try Probability(1, 10), try Probability(1, 5))
        let expected: [(Int, Int, String)] = [
            (1, 0, "9/10"), (2, 0, "81/100"), (2, 1, "576/625"), (3, 0, "729/1000"), (3, 1, "12636/15625"),
            (3, 2, "1804248/1953125"), (5, 0, "59049/100000"), (5, 1, "5563728/9765625"),
            (5, 2, "19541025792/30517578125"), (5, 3, "72447831779328/95367431640625"),
            (5, 4, "268125685896892032/298023223876953125"),
        ]
        for (M, s, value) in expected {
            let outage = try homogeneous(M, s, p, q)
            #expect(outage.success.description == value)
            #expect(
                CooperativeGradientCode.outage(clients: M, stragglers: s, uplink: Rational(p), link: Rational(q))
                    == outage.outage)
            let certain = try homogeneous(M, s, .zero, .zero)
            #expect(certain.success == 1)
            #expect(try homogeneous(M, s, .one, try Probability(1, 2)).success == 0)
            #expect(
                try homogeneous(M, s, try Probability(1, 2), .one).success == (s == 0 ? Rational(1, 2).power(M) : 0))
        }
    }

    @Test func `the causes of the example are those of the document`() throws {
        let outage = try homogeneous(3, 1, Probability(1, 10), Probability(1, 5))
        #expect(outage.links == Rational(3159, 31250))
        #expect(outage.uplinks == Rational(392, 15625))
        #expect(outage.both == Rational(91, 31250))
        #expect(outage.misaligned == Rational(972, 15625))
    }

    @Test func `outage and causes are those of all links and uplinks`() throws {
        for (M, s) in [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2), (4, 1)] {
            let scheme = try CooperativeGradientCode(clients: M, stragglers: s)
            for number in 0..<4 {
                let model = try heterogeneous(M, case: number)
                var enumerated: [Rational] = [0, 0, 0, 0, 0]
                for bits in 0..<1 << (M * (s + 1)) {
                    var chance: Rational = 1
                    var (complete, up, both) = (0, 0, 0)
                    for m in 0..<M {
                        let isUp = bits >> (m * (s + 1)) & 1 == 1
                        let p = Rational(model.uplinkOutage[m])
                        chance *= isUp ? 1 - p : p
                        var isComplete = true
                        for j in 1..<s + 1 {
                            let linkIsUp = bits >> (m * (s + 1) + j) & 1 == 1
                            let q = Rational(model.linkOutage[m][(m + j) % M])
                            chance *= linkIsUp ? 1 - q : q
                            isComplete = isComplete && linkIsUp
                        }
                        complete += isComplete ? 1 : 0
                        up += isUp ? 1 : 0
                        both += isComplete && isUp ? 1 : 0
                    }
                    let v = M - s
                    let cause = both >= v ? 0 : complete < v ? (up < v ? 3 : 1) : up < v ? 2 : 4
                    enumerated[cause] += chance
                }
                let law = CooperativeOutage(scheme, model)
                #expect([law.success, law.links, law.uplinks, law.both, law.misaligned] == enumerated)
                #expect(scheme.outage(model) == law.outage)
                #expect(
                    law.links + law.both
                        == 1 - PoissonBinomial(scheme.completeness(model)).atLeast(scheme.threshold))
                #expect(
                    law.uplinks + law.both
                        == 1 - PoissonBinomial(model.uplinkOutage.map { 1 - Rational($0) }).atLeast(scheme.threshold))
            }
        }
    }

    @Test func `the outage is not monotone in s`() {
        let outages = CooperativeGradientCode.outages(clients: 10, uplink: Rational(1, 5), link: Rational(3, 10))
        let rounded = [".8926", ".9731", ".9893", ".9938", ".9948", ".9939", ".9897", ".9758", ".9252", ".7203"]
        #expect(outages.map { $0.decimal(digits: 4) } == rounded.map { "0" + $0 })
        let without = CooperativeGradientCode.outages(clients: 10, uplink: Rational(1, 5), link: 0)
        #expect(zip(without, without.dropFirst()).allSatisfy { $0 >= $1 })
    }

    @Test func `V2 of CRC-1 has the product of its classes`() throws {
        for (M, s) in [(2, 1), (4, 1), (3, 2)] {
            let scheme = try CooperativeGradientCode(clients: M, stragglers: s)
            let B = try cyclic(.ones, M, s)
            for number in 0..<3 {
                let model = try heterogeneous(M, case: number)
                let law = CooperativeLaw(scheme, encodingMatrix: B, model: model, decoder: .span)
                #expect(1 - law.full == scheme.spanOutageOfOnes(model))
            }
        }
    }

    @Test func `sizes and probabilities out of their ranges are refused`() throws {
        func kind(_ body: () throws -> Void) -> Refusal.Kind? {
            do { try body() } catch { return (error as? Refusal)?.kind }
            return nil
        }
        #expect(kind { _ = try CooperativeGradientCode(clients: 0, stragglers: 0) } == .invalidParameters)
        #expect(kind { _ = try CooperativeGradientCode(clients: 2, stragglers: 2) } == .invalidParameters)
        #expect(kind { _ = try CooperativeGradientCode(clients: 2, stragglers: 1, attempts: 0) } == .invalidParameters)
        #expect(
            kind {
                _ = try CooperativeGradientCode(encodingMatrix: RationalMatrix([[1, 0], [1, 0]])!, stragglers: 0)
            }
                == .invalidParameters)
        #expect(
            kind {
                _ = try CooperativeGradientCode(
                    encodingMatrix: RationalMatrix([[1, 0, 1], [0, 1, 1]])!, stragglers: 0)
            }
                == .dimensionMismatch)
        #expect(
            kind { _ = try CooperativeLinkModel(uplinkOutage: [.zero, .one], linkOutage: [[.zero, .zero]]) }
                == .dimensionMismatch)
    }
}
