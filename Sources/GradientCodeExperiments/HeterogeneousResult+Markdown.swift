import ExactArithmetic

extension HeterogeneousResult {
    var markdown: String {
        [
            equalLoadTable, meanTable(20), meanTable(50), everyTable(20), everyTable(50), adaptiveTable, misestimateTable,
            descentTable(agreeing: true, step: Rational(1, 2)) { $0.timeToMillionth.map { "\($0)" } ?? "–" },
            descentTable(agreeing: false, step: Rational(1, 2)) { Double($0.limit ?? 0).scientific(2) },
            descentTable(agreeing: false, step: Rational(1, 8)) { Double($0.limit ?? 0).scientific(2) },
            descentTable(agreeing: false, step: Rational(1, 8)) { $0.timeToFloor.map { "\($0)" } ?? "–" },
        ].joined(separator: "\n\n")
    }
}
