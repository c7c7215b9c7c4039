package import Foundation
import GradientCodeOperations

/// The list of all files of a vector folder, with their digests: written last, so that an interrupted generation shows.
package struct Manifest: Codable, Hashable {
    /// One file.
    package struct Entry: Codable, Hashable {
        /// Its path below the folder.
        package let path: String
        /// SHA-256 of its bytes, hexadecimal.
        package let sha256: String
        /// How many tests it holds; absent for schemas.
        package let numberOfTests: Int?
    }

    /// The version of the vectors' meaning.
    package let suiteVersion: String
    /// How many tests there are in all.
    package let numberOfTests: Int
    /// The files, by path.
    package let files: [Entry]

    /// The manifest of the given files.
    package init(_ files: [(path: String, data: Data, numberOfTests: Int?)]) {
        suiteVersion = VectorFile.suiteVersion
        numberOfTests = files.compactMap(\.numberOfTests).reduce(0, +)
        self.files = files.map { file in
            Entry(path: file.path, sha256: SHA256.hexadecimal(file.data), numberOfTests: file.numberOfTests)
        }.sorted { $0.path < $1.path }
    }

    /// The bytes of `manifest.json`, one file a line.
    package var data: Data {
        let lines = files.map(JSONText.compact).joined(separator: ",\n")
        let text = """
            {"files": [
            \(lines)
            ],
            "numberOfTests": \(numberOfTests),
            "suiteVersion": "\(suiteVersion)"}

            """
        return Data(text.utf8)
    }
}
