# Every command a person or CI needs. `make verify` and `make test` install what they need and say so.

SWIFT ?= swift
BUILD := $(SWIFT) build --quiet --explicit-target-dependency-import-check error
GRADCODE = $(shell $(SWIFT) build -c release --show-bin-path)/gradcode

.PHONY: verify test vectors check lint format bench fuzz docs setup setup-test release clean

verify: release
	$(GRADCODE) verify

test: setup-test release
	Tests/Scripts/run-tests $(SWIFT)

vectors: release
	$(GRADCODE) vectors generate

check: release
	$(GRADCODE) vectors check

release: setup
	$(BUILD) -c release --product gradcode

setup:
	@Tests/Scripts/install gmp

setup-test: setup
	@Tests/Scripts/install python3 numpy jsonschema

lint:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks
	Tests/Scripts/lint-text

format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks

bench: setup
	Tests/Scripts/install python3 numpy flint
	$(SWIFT) run --quiet -c release --package-path Benchmarks benchmarks $(GRADCODE)

clean:
	rm -rf .build reports
