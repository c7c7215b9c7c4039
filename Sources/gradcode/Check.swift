import ArgumentParser
import ExactArithmetic
import Foundation
import GradientCodeBuiltIn
import GradientCodeOperations
import GradientCodes

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Decides whether a code tolerates s stragglers, exactly.",
        discussion: """
            The code is a JSON object as in docs/protocol.md, such as '{"kind":"crcQ","workers":8,"stragglers":3}' or
            '{"matrix":[["1/1","0/1"],["0/1","1/1"]]}'. Exit status 0: it tolerates them. 1: it does not. 2: no verdict.
            """)

    @Argument(help: "The code.") var code: String
    @Option(help: "The stragglers s to tolerate; by default those the code is for.") var stragglers: Int?

    func run() throws {
        let descriptor = try JSONText.read(CodeDescriptor.self, from: Data(code.utf8))
        let isUncoded = descriptor.kind == .uncoded
        guard let s = stragglers ?? descriptor.stragglers ?? descriptor.parityCheck?.count ?? (isUncoded ? 0 : nil)
        else { throw Unusable("--stragglers is missing, and the code does not say how many it tolerates") }
        do throws(Refusal) {
            let answer = try BuiltIn.check(GradientCode.Check(code: descriptor, stragglers: s))
            print(Self.report(answer, s))
            if answer.recovers { return }
        } catch {
            // Parameters that are in order, and yet a refusal: the matrix was formed, and is no code.
            guard [.circulant, .nullSpace].contains(descriptor.kind), (try? descriptor.resolved()) != nil else {
                throw Unusable(error.description)
            }
            print("GC(\(s)) no: \(error.reason)")
        }
        throw ExitCode(1)
    }

    private static func report(_ answer: GradientCode.Check.Answer, _ s: Int) -> String {
        if let witness = answer.witness {
            let x = witness.vector.map(\.description).joined(separator: ", ")
            return "GC(\(s)) no: workers \(witness.responders) cannot recover the sum, x = (\(x))"
        }
        let kappa = answer.kappa?.value.map { "\nworst κ \($0) ≈ \($0.decimal(digits: 12))" } ?? ""
        return "GC(\(s)) yes\nTIGHT(\(s)) \(answer.tight ? "yes" : "no")" + kappa
    }
}
