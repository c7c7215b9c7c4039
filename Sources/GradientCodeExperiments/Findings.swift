/// Sentences that follow from the numbers by a rule, so that nothing is claimed that was not measured.
///
/// The rule: a method is *lower* than another in a setting if its whole band lies below the other's band; if the bands
/// touch, the comparison is *undecided*.
struct Findings: Sendable {
    let curves: [Curve]

    /// The methods that may be the lowest at a checkpoint of a setting: that with the lowest mean, and all whose band
    /// touches its band; in the order of the tables.
    func lowest(in setting: [Curve], at point: Int) -> [String] {
        guard let best = setting.min(by: { $0.gaps[point].mean < $1.gaps[point].mean }) else { return [] }
        return setting.filter { $0.gaps[point].touches(best.gaps[point]) }.map(\.method)
    }

    /// How two methods compare when the budget is spent, over the rates p of one problem and one relation of rates.
    func comparison(of first: String, with second: String, in group: [Curve]) -> String {
        var rates: [String: [String]] = [:]
        for one in group where one.method == first {
            for other in group where other.method == second && other.sharesSetting(with: one) {
                let (a, b) = (one.final, other.final)
                let verdict = a.touches(b) ? "undecided" : a.high < b.low ? "lower" : "higher"
                rates[verdict, default: []].append(one.rate)
            }
        }
        return ["lower", "higher", "undecided"].compactMap { verdict in
            rates[verdict].map { "\(verdict) at p = " + $0.joined(separator: ", ") }
        }.joined(separator: "; ")
    }

    /// The curves by problem and relation of rates, in the order of the tables.
    var groups: [[Curve]] {
        var groups: [[Curve]] = []
        for curve in curves {
            if let last = groups.last?.last, last.problem == curve.problem, last.rates == curve.rates {
                groups[groups.count - 1].append(curve)
            } else {
                groups.append([curve])
            }
        }
        return groups
    }

    /// The settings of a group: the curves with the same rates of straggling.
    static func settings(of group: [Curve]) -> [[Curve]] {
        var settings: [[Curve]] = []
        for curve in group {
            if let last = settings.last?.last, last.sharesSetting(with: curve) {
                settings[settings.count - 1].append(curve)
            } else {
                settings.append([curve])
            }
        }
        return settings
    }

    /// The pairs of methods whose comparison the page puts into words.
    static let pairs = [
        ("1-bit G", "uncoded sign"), ("1-bit S", "uncoded sign"), ("1-bit G", "uncompressed"),
        ("1-bit S", "uncompressed"), ("1-bit G", "rand-K"), ("1-bit S", "rand-K"), ("1-bit S", "1-bit G"),
        ("1-bit S", "1-bit S, d = 1"), ("uncompressed", "uncompressed, d = 1"),
    ]
}
