import GradientCodeOperations

extension Report {
    /// The report as JUnit XML: one suite a profile, one case a law or group of vectors.
    public var junit: String {
        var lines = [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites name=\"\(Self.escaped(implementation.name))\">",
        ]
        for profile in profiles {
            let mine = entries.filter { $0.profile == profile }
            let (failed, skipped) = (mine.count { $0.status == "failed" }, mine.count { $0.status == "skipped" })
            lines.append(
                "  <testsuite name=\"\(profile.rawValue)\" tests=\"\(mine.count)\" failures=\"\(failed)\" skipped=\"\(skipped)\">"
            )
            for entry in mine {
                let name =
                    "classname=\"\(Operations.prefix(of: entry.id))\" name=\"\(Self.escaped(entry.id + " " + entry.title))\""
                switch entry.status {
                case "passed": lines.append("    <testcase \(name)/>")
                case "skipped":
                    let reason = Self.escaped(entry.skipReason ?? "")
                    lines.append("    <testcase \(name)><skipped message=\"\(reason)\"/></testcase>")
                default:
                    let texts = entry.failures.map { failure in
                        "\(failure.reason)\nasked: \(failure.question)\nexpected: \(failure.expected)\nreceived: \(failure.received)"
                    }
                    lines.append(
                        "    <testcase \(name)><failure message=\"\(entry.failed) failed\">"
                            + Self.escaped(texts.joined(separator: "\n\n")) + "</failure></testcase>")
                }
            }
            lines.append("  </testsuite>")
        }
        return (lines + ["</testsuites>", ""]).joined(separator: "\n")
    }

    /// Text for XML; characters that XML 1.0 cannot hold become U+FFFD.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\n", "\t": escaped.unicodeScalars.append(scalar)
            case "\u{0}"..<"\u{20}", "\u{fffe}", "\u{ffff}": escaped += "\u{fffd}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
