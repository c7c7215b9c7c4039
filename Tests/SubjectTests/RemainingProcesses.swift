import Foundation

/// Processes of the given groups that still run, after a while for those that are being killed.
func remaining(of groups: [Int]) async -> [Int] {
    for _ in 0..<100 {
        if running(in: groups).isEmpty { return [] }
        try? await Task.sleep(for: .milliseconds(20))
    }
    return running(in: groups)
}

/// Processes of the given groups; on Linux not those that have ended and wait for whoever adopted them.
private func running(in groups: [Int]) -> [Int] {
    #if os(Linux)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int($0) }.filter { process in
            guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
                let name = stat.lastIndex(of: ")")
            else { return false }
            // state, parent, group
            let fields = stat[name...].split(separator: " ").dropFirst()
            guard let state = fields.first, let group = fields.dropFirst(2).first.flatMap({ Int($0) }) else {
                return false
            }
            return groups.contains(group) && state != "Z" && state != "X"
        }
    #else
        return groups.filter { kill(pid_t(-$0), 0) == 0 }
    #endif
}
