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
        guard let s = stragglers ?? descriptor.stragglers ?? descriptor.parityCheck?.count else {
            throw Unusable("--stragglers is missing")
        }
        let question = GradientCode.Check(code: descriptor, stragglers: s)
        switch BuiltIn.subject.reply(to: .run(question)) {
        case .answer(let answer as GradientCode.Check.Answer):
            print(Self.report(answer, s))
            if !answer.recovers { throw ExitCode(1) }
        case .refused(let refusal): throw Unusable(refusal.description)
        case .unsupported(let reason): throw Unusable(reason)
        case .answer, .failed: throw Unusable("no verdict")
        }
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
