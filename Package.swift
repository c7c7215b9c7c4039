// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func layer(_ name: String, on dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, of dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
    name: "swift-gradient-coding",
    platforms: [.macOS("26.0")],
    products: [
        .library(
            name: "GradientCodeConformance",
            targets: ["GradientCodeConformance", "GradientCodeOperations", "GradientCodes", "ExactArithmetic"]),
        .library(
            name: "GradientCoding",
            targets: [
                "GradientCodes", "GradientCodeReference", "GradientCodeKernels", "GradientCodeTheory",
                "ExactArithmetic",
            ]),
        .executable(name: "gradcode", targets: ["gradcode"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.5.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.0"),
    ],
    targets: [
        .systemLibrary(name: "CGMP", pkgConfig: "gmp", providers: [.apt(["libgmp-dev"]), .brew(["gmp"])]),
        .target(name: "CKernels"),
        layer("ExactArithmetic", on: ["CGMP", "CKernels"]),
        layer("GradientCodes"),
        layer("GradientCodeReference", on: ["GradientCodes", "ExactArithmetic"]),
        layer("GradientCodeKernels", on: ["GradientCodes", "CKernels"]),
        layer("GradientCodeTheory", on: ["GradientCodes", "ExactArithmetic"]),
        layer("GradientCodeOperations", on: ["GradientCodes", "ExactArithmetic"]),
        layer(
            "GradientCodeVectors",
            on: ["GradientCodeOperations", "GradientCodeReference", "GradientCodeTheory"]),
        layer("GradientCodeLaws", on: ["GradientCodeVectors"]),
        layer(
            "GradientCodeBuiltIn",
            on: ["GradientCodeKernels", "GradientCodeReference", "GradientCodeTheory", "GradientCodeOperations"]),
        layer(
            "GradientCodeConformance",
            on: ["GradientCodeLaws", .product(name: "Subprocess", package: "swift-subprocess")]),
        layer(
            "GradientCodeExperiments",
            on: [
                "GradientCodes", "ExactArithmetic", "GradientCodeKernels", "GradientCodeReference",
                "GradientCodeTheory",
            ]),
        .executableTarget(
            name: "gradcode",
            dependencies: [
                "GradientCodeBuiltIn", "GradientCodeConformance", "GradientCodeExperiments",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        tests("ExactArithmeticTests", of: ["ExactArithmetic"]),
        tests("GradientCodesTests", of: ["GradientCodes"]),
        tests("OperationsTests", of: ["GradientCodeOperations"]),
        tests("SubjectTests", of: ["GradientCodeConformance"]),
        tests("GradientCodingTests", of: ["GradientCodeBuiltIn", "GradientCodeConformance"]),
        tests(
            "OneBitGradientCodeTests",
            of: ["GradientCodeBuiltIn", "GradientCodeConformance", "GradientCodeExperiments"]),
        tests(
            "HeterogeneousGradientCodeTests",
            of: ["GradientCodeBuiltIn", "GradientCodeConformance", "GradientCodeExperiments"]),
        tests(
            "CooperativeGradientCodeTests",
            of: ["GradientCodeBuiltIn", "GradientCodeConformance", "CKernels"]),
        tests(
            "CompressedGradientCodeTests",
            of: ["GradientCodeBuiltIn", "GradientCodeConformance", "GradientCodeExperiments"]),
    ]
)
