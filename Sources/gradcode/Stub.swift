import ArgumentParser
import GradientCodeOperations

struct Stub: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints an adapter's loop for another language, generated from the operations.")

    @Argument(help: "The language.") var language: String

    func run() throws {
        guard let text = AdapterStub.text(language: language) else {
            let known = AdapterStub.languages.joined(separator: ", ")
            throw Unusable("there is no stub for \"\(language)\"; expected one of \(known)")
        }
        print(text, terminator: "")
    }
}
