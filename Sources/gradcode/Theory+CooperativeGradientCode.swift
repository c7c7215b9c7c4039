import ArgumentParser
import ExactArithmetic
import GradientCodeBuiltIn
import GradientCodeOperations
import GradientCodes

struct OutageOfRound: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outage",
        abstract: "Prints how standard decoding of cooperative gradient coding ends, exact and in decimal.",
        discussion: """
            All uplinks fail with one probability, all links between clients with another. Without --stragglers every s is
            tried: the outage is not monotone in s. docs/CooperativeGradientCode.md#outage.
            """)

    @Option(help: "Number of clients M.") var clients: Int
    @Option(help: "s: M − s complete clients decode. All are compared when absent.") var stragglers: Int?
    @Option(help: "Outage probability n/d of every uplink.") var uplink: String
    @Option(help: "Outage probability n/d of every link.") var link: String
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        guard 1...64 ~= clients else { throw Unusable("\(clients) clients; expected 1...64") }
        let probabilities = [try Numbers.rational(uplink), try Numbers.rational(link)]
        for probability in probabilities where probability < 0 || probability > 1 {
            throw Unusable("probability \(probability); expected 0...1")
        }
        let (p, q) = (probabilities[0], probabilities[1])
        func answer(_ stragglers: Int) throws -> CooperativeGradientCode.Outage.Answer {
            try BuiltIn.answer(
                CooperativeGradientCode.Outage(
                    clients: clients, stragglers: stragglers, uplinks: Array(repeating: p, count: clients),
                    links: Array(repeating: Array(repeating: q, count: clients), count: clients)))
        }
        if let stragglers {
            let answer = try answer(stragglers)
            guard !json else { return print(JSONText.compact(answer)) }
            print("success     \(Numbers.text(answer.success))")
            print("outage      \(Numbers.text(1 - answer.success))")
            print("links       \(Numbers.text(answer.links))")
            print("uplinks     \(Numbers.text(answer.uplinks))")
            print("both        \(Numbers.text(answer.both))")
            print("misaligned  \(Numbers.text(answer.misaligned))")
            return
        }
        let outages = try (0..<clients).map { try 1 - answer($0).success }
        guard !json else { return print(JSONText.compact(outages)) }
        for (s, outage) in outages.enumerated() { print("s = \(s)  outage \(Numbers.text(outage))") }
        let best = outages.indices.min { (outages[$0], $0) < (outages[$1], $1) } ?? 0
        print("best: s = \(best)")
        let rises = outages.indices.dropFirst().filter { outages[$0] > outages[$0 - 1] }
        print(
            rises.isEmpty
                ? "The outage does not rise with s."
                : "The outage is not decreasing in s: it rises from s − 1 to s for s = "
                    + rises.map(String.init).joined(separator: ", ") + ".")
    }
}
