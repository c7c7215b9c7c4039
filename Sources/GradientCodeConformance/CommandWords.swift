/// The words of a command line in one string, as `--implementation` and `GRADCODE_IMPLEMENTATION` hold it.
public enum CommandWords {
    /// Why a command line cannot be split.
    public struct Problem: Error, CustomStringConvertible {
        /// What is wrong.
        public let description: String
    }

    /// Splits at blanks; single and double quotes keep blanks, a backslash keeps the next character.
    ///
    /// - Throws: `Problem` for an unfinished quote or escape, or when there is no word.
    public static func split(_ line: String) throws(Problem) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var characters = line.makeIterator()
        while let character = characters.next() {
            switch (character, quote) {
            case ("\\", let open) where open != "'":
                guard let next = characters.next() else { throw Problem(description: "ends with a backslash: \(line)") }
                word = (word ?? "") + String(next)
            case (let end, let open) where end == open:
                quote = nil
            case ("\"", nil), ("'", nil):
                quote = character
                word = word ?? ""
            case (_, nil) where character.isWhitespace:
                if let finished = word { words.append(finished) }
                word = nil
            default:
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil else { throw Problem(description: "an unfinished quote: \(line)") }
        if let finished = word { words.append(finished) }
        guard !words.isEmpty else { throw Problem(description: "no program is named") }
        return words
    }
}
