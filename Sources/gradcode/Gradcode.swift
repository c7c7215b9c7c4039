import ArgumentParser
import Foundation

/// Checks implementations of gradient coding against exact arithmetic.
@main
struct Gradcode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gradcode", abstract: "Checks implementations of gradient coding against exact arithmetic.",
        subcommands: [
            Verify.self, Vectors.self, Serve.self, Mutants.self, Replay.self, Stub.self, Theory.self,
            Check.self, Experiment.self,
        ])

    /// Exit status 0 and 1 are verdicts; everything that kept a command from reaching one is 2.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let code as ExitCode {
            Foundation.exit(code.rawValue)
        } catch  where exitCode(for: error).isSuccess {
            exit(withError: error)
        } catch {
            Console.complain(fullMessage(for: error))
            Foundation.exit(2)
        }
    }
}

/// What the commands write to.
enum Console {
    /// A line on standard error.
    static func complain(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

    /// A line on a terminal that the next one overwrites; nothing elsewhere.
    static func progress(_ text: String) {
        guard isatty(STDERR_FILENO) != 0 else { return }
        FileHandle.standardError.write(Data("\r\u{1b}[K\(text.prefix(78))".utf8))
    }
}

/// A reason to end with status 2.
struct Unusable: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
