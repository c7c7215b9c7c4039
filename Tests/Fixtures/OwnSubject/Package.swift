// swift-tools-version: 6.2
import PackageDescription

// What a package looks like that tests its own implementation: one dependency, one product.
let package = Package(
    name: "OwnSubject",
    platforms: [.macOS("26.0")],
    dependencies: [.package(name: "swift-gradient-coding", path: "../../..")],
    targets: [
        .testTarget(
            name: "OwnSubjectTests",
            dependencies: [.product(name: "GradientCodeConformance", package: "swift-gradient-coding")])
    ]
)
