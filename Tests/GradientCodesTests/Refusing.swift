import GradientCodes

/// The kind of the refusal that `build` ends in; nil if it succeeds.
func refusal(_ build: @autoclosure () throws(Refusal) -> some Any) -> Refusal.Kind? {
    do {
        _ = try build()
        return nil
    } catch {
        return error.kind
    }
}
