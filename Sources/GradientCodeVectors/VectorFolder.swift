public import Foundation
import GradientCodeOperations
import GradientCodes

/// A folder of vector files with its manifest.
public struct VectorFolder: Sendable {
    /// Why a folder cannot be used.
    public struct Problem: Error, Hashable, CustomStringConvertible {
        /// The file, below the folder.
        public let path: String
        /// What is wrong with it.
        public let reason: String
        /// File and reason.
        public var description: String { "\(path): \(reason)" }
    }

    /// The most bytes read from one file.
    static let largestFile = 64 << 20

    /// Where the folder is.
    public let location: URL

    /// The folder at a place.
    public init(_ location: URL) { self.location = location }

    /// Writes all files, each whole under a temporary name and then renamed, the manifest last.
    ///
    /// Files of an older suite that the manifest no longer lists are removed after it is written.
    public func generate() throws(Problem) {
        let contents = VectorSuite.contents
        for (path, data, _) in contents { try write(data, to: path) }
        try write(Manifest(contents).data, to: "manifest.json")
        let expected = Set(contents.map(\.path) + ["manifest.json"])
        for path in try existing() where !expected.contains(path) {
            try? FileManager.default.removeItem(at: location.appendingPathComponent(path))
        }
    }

    /// All that is wrong with the folder: missing, superfluous or different files, broken pointers into `docs/`.
    ///
    /// - Parameter documents: the folder of the documentation, whose anchors are resolved; nil to leave them out.
    public func problems(documents: URL?) throws(Problem) -> [Problem] {
        let contents = VectorSuite.contents
        var problems: [Problem] = []
        let expected = contents.map { ($0.path, $0.data) } + [("manifest.json", Manifest(contents).data)]
        for (path, data) in expected {
            do throws(Problem) {
                let found = try read(path)
                guard found != data else { continue }
                if path.hasPrefix("v1/") { _ = try file(path, found) }
                problems.append(difference(path, found, data))
            } catch {
                problems.append(error)
            }
        }
        let known = Set(expected.map(\.0))
        for path in try existing() where !known.contains(path) {
            problems.append(Problem(path: path, reason: "is not part of the suite"))
        }
        return problems + anchorProblems(documents)
    }

    /// The vector files, read and checked against the manifest.
    ///
    /// - Throws: the first problem: an unreadable, truncated, altered or unlisted file, wrong counts, duplicate numbers.
    public func files() throws(Problem) -> [VectorFile] {
        let manifest = try manifest()
        var files: [VectorFile] = []
        for entry in manifest.files where entry.path.hasPrefix("v1/") {
            let data = try read(entry.path)
            guard SHA256.hexadecimal(data) == entry.sha256 else {
                throw Problem(path: entry.path, reason: "its SHA-256 is not the one in the manifest")
            }
            let file = try file(entry.path, data)
            guard file.numberOfTests == entry.numberOfTests else {
                throw Problem(path: entry.path, reason: "the manifest says \(entry.numberOfTests ?? 0) tests")
            }
            files.append(file)
        }
        guard files.map(\.numberOfTests).reduce(0, +) == manifest.numberOfTests, !files.isEmpty else {
            throw Problem(path: "manifest.json", reason: "the number of tests is not that of the files")
        }
        return files
    }

    private func manifest() throws(Problem) -> Manifest {
        let data = try read("manifest.json")
        do throws(JSONReadingError) {
            return try JSONText.read(Manifest.self, from: data)
        } catch {
            throw Problem(path: "manifest.json", reason: error.description)
        }
    }

    private func file(_ path: String, _ data: Data) throws(Problem) -> VectorFile {
        do throws(JSONReadingError) {
            let file = try VectorFile(reading: data)
            guard file.path == path else { throw JSONReadingError("it holds vectors of \(file.algorithm)") }
            return file
        } catch {
            throw Problem(path: path, reason: error.description)
        }
    }

    private func read(_ path: String) throws(Problem) -> Data {
        let url = location.appendingPathComponent(path)
        do {
            let size = try FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int ?? 0
            guard size <= Self.largestFile else { throw Problem(path: path, reason: "has \(size) bytes") }
            return try Data(contentsOf: url)
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem(path: path, reason: "cannot be read: \((error as NSError).localizedDescription)")
        }
    }

    private func write(_ data: Data, to path: String) throws(Problem) {
        let url = location.appendingPathComponent(path)
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try data.write(to: url, options: .atomic)
        } catch {
            throw Problem(path: path, reason: "cannot be written: \((error as NSError).localizedDescription)")
        }
    }

    private func existing() throws(Problem) -> [String] {
        guard let enumerator = FileManager.default.enumerator(atPath: location.path) else {
            throw Problem(path: location.path, reason: "is not a folder")
        }
        return enumerator.compactMap { $0 as? String }.filter { $0.hasSuffix(".json") }.sorted()
    }

    private func difference(_ path: String, _ found: Data, _ expected: Data) -> Problem {
        let old = found.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let new = expected.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let line = zip(old, new).enumerated().first { $1.0 != $1.1 }?.offset ?? min(old.count, new.count)
        return Problem(path: path, reason: "differs from what the reference gives, first at line \(line + 1)")
    }

    private func anchorProblems(_ documents: URL?) -> [Problem] {
        guard let documents else { return [] }
        var problems: [Problem] = []
        for section in VectorSuite.sections {
            let parts = section.split(separator: "#", maxSplits: 1).map(String.init)
            let text = (try? String(contentsOf: documents.appendingPathComponent(parts[0]), encoding: .utf8)) ?? ""
            if parts.count != 2 || !text.contains("<a id=\"\(parts[1])\"></a>") {
                problems.append(Problem(path: section, reason: "this section is not in docs/"))
            }
        }
        return problems
    }
}

extension VectorSuite {
    /// Every section of `docs/` that an operation, a session, a vector or a bound points to.
    package static var sections: [String] {
        let groups = files.flatMap { $0.groups.map(\.spec) }
        let bounds = files.flatMap { $0.groups.flatMap(\.tests) }.compactMap(\.derivation).map { "numerics.md#" + $0 }
        return Set(Operations.all.map { $0.section } + Operations.sessions.map { $0.section } + groups + bounds)
            .sorted()
    }
}

extension VectorTest {
    /// The derivation of the test's bound, where it has one.
    fileprivate var derivation: String? {
        guard case .answer(let expected) = expectation else { return nil }
        return (expected as? FloatExpectation ?? (expected as? GradientCode.Recover.Expected)?.sum)?.derivation
    }
}
