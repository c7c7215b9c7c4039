// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "Benchmarks",
    platforms: [.macOS("26.0")],
    dependencies: [.package(name: "swift-gradient-coding", path: "..")],
    targets: [
        .executableTarget(
            name: "benchmarks",
            dependencies: [
                .product(name: "GradientCodeConformance", package: "swift-gradient-coding"),
                .product(name: "GradientCoding", package: "swift-gradient-coding"),
            ])
    ]
)
