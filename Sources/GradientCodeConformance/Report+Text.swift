import GradientCodeOperations

extension Report {
    /// The report for a terminal: a table of operations and laws by profile, the failures, the verdict.
    ///
    /// - Parameter replay: the line that replays the failure of a number, counted from 1.
    public func text(replay: (Int) -> String) -> String {
        var lines = [
            "\(implementation.name) \(implementation.version) (\(implementation.language)), seed \(seed.value)",
            "",
        ]
        lines += Self.aligned([["", "core", "wire", "tape"]] + rows)
        lines += failureLines(replay) + [""] + summary
        return lines.joined(separator: "\n")
    }

    private var rows: [[String]] {
        var subjects: [String] = []
        for entry in entries where !subjects.contains(entry.subject) { subjects.append(entry.subject) }
        return subjects.map { subject in
            [subject]
                + Profile.allCases.map { profile in
                    let mine = entries.filter { $0.subject == subject && $0.profile == profile }
                    return Self.cell(mine)
                }
        }
    }

    private static func cell(_ entries: [Entry]) -> String {
        guard !entries.isEmpty else { return "–" }
        let (passed, failed) = (entries.map(\.passed).reduce(0, +), entries.map(\.failed).reduce(0, +))
        let skipped = entries.map(\.skipped).reduce(0, +)
        var parts: [String] = []
        if failed > 0 { parts.append("\(failed) FAILED") }
        if passed > 0 { parts.append("\(passed) passed") }
        if skipped > 0 { parts.append(passed + failed == 0 ? "skipped" : "\(skipped) skipped") }
        return parts.joined(separator: ", ") + (entries.allSatisfy(\.isRegression) && passed > 0 ? " °" : "")
    }

    private func failureLines(_ replay: (Int) -> String) -> [String] {
        var lines: [String] = []
        var number = 0
        for entry in entries where !entry.failures.isEmpty {
            lines += [
                "", "FAILED \(entry.profile.rawValue)  \(entry.id)  \(entry.title)", "  rests on docs/\(entry.section)",
            ]
            for failure in entry.failures {
                number += 1
                lines += [
                    "  \(failure.reason)",
                    "    asked     "
                        + Self.shortened(failure.question.split(separator: "\n").last.map(String.init) ?? ""),
                    "    expected  " + Self.shortened(failure.expected),
                    "    received  " + Self.shortened(failure.received),
                    "    again     " + replay(number),
                ]
            }
            if entry.failed > entry.failures.count { lines.append("  and \(entry.failed - entry.failures.count) more") }
        }
        return lines
    }

    private var summary: [String] {
        var lines: [String] = []
        if entries.contains(where: { $0.isRegression && $0.passed > 0 }) {
            lines.append("° answered by the suite's own reference: a regression check, no conformance")
        }
        for profile in profiles {
            let (passed, failed, skipped) = total(profile)
            lines.append("\(profile.rawValue): \(passed) passed, \(failed) failed, \(skipped) skipped")
        }
        if let misbehaviour { lines.append("the subject misbehaved: \(misbehaviour)") }
        if !isComplete { lines.append("INVALID RUN: checks were lost") }
        switch verdict {
        case .conforming: lines.append("CONFORMING")
        case .passed: lines.append("PASSED what was examined; core was not, so this is no verdict on conformance")
        case .notConforming: lines.append("NOT CONFORMING")
        case .nothingExamined: lines.append("NOTHING EXAMINED: no check was made, so nothing is known")
        }
        return lines
    }

    private static func shortened(_ text: String) -> String {
        text.count <= 400 ? text : text.prefix(400) + "… (\(text.count) characters)"
    }

    private static func aligned(_ rows: [[String]]) -> [String] {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(
                separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}

extension Report.Entry {
    /// The row of the table: the operation, or the laws of a scheme.
    fileprivate var subject: String {
        switch kind {
        case .vectors: String(id.prefix { $0 != "#" })
        case .law: "laws of " + Operations.prefix(of: id)
        }
    }
}
