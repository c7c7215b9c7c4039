import Foundation

/// A table of a Markdown page.
struct Table: Sendable {
    let header: [String]
    var rows: [[String]] = []

    /// The table in Markdown, without a line break at the end.
    var markdown: String {
        ([header, header.map { _ in "---" }] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
            .joined(separator: "\n")
    }
}

extension Double {
    /// The number in scientific notation with so many digits behind the point, rounded correctly: `2.69e-03`.
    func scientific(_ digits: Int) -> String { String(format: "%.\(digits)e", self) }
}

extension Estimate {
    /// Mean and half width of the band, `2.69e-03 ± 1.5e-04`.
    var text: String { mean.scientific(2) + " ± " + halfWidth.scientific(1) }
}

extension Int {
    /// The number with a space between groups of three digits: `327 680`.
    var grouped: String {
        let digits = Array(String(self))
        return digits.indices.map { (digits.count - $0) % 3 == 0 && $0 > 0 ? " \(digits[$0])" : "\(digits[$0])" }
            .joined()
    }
}

/// Text in lines of at most 120 characters.
enum Page {
    /// The words of a text in lines, all but the first indented by so many blanks. A word longer than a line has a line
    /// of its own.
    static func wrap(_ text: String, indentation: Int = 0) -> String {
        let blanks = String(repeating: " ", count: indentation)
        var lines = [""]
        for word in text.split(separator: " ") {
            let line = lines[lines.count - 1]
            if line.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if line.count + 1 + word.count <= 120 {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(blanks + word)
            }
        }
        return lines.joined(separator: "\n")
    }

    /// The text as an item of a list.
    static func bullet(_ text: String) -> String { wrap("* " + text, indentation: 2) }
}
