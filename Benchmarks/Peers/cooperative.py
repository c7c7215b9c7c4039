"""Peers of the cooperative benchmarks: seconds, one a line, for the questions of CooperativeBenchmarks.swift.

outage TRIALS: plain numpy, M = 10, s = 3, p = 1/10, q = 1/5; trials a second.
rref: python-flint on the matrices that standard input holds, one JSON list of rows a line; microseconds a matrix.
"""

import json
import statistics
import sys
import time


def median(repetitions, body):
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        body()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def outage(trials):
    import numpy as np

    random = np.random.default_rng(1)

    def simulate():
        up = random.random((trials, 10)) >= 0.1
        links = random.random((trials, 10, 3)) >= 0.2
        return int(((up & links.all(axis=2)).sum(axis=1) >= 7).sum())

    simulate()
    return trials / median(7, simulate)


def rref():
    import flint

    matrices = [flint.fmpz_mat(json.loads(line)) for line in sys.stdin]

    def run():
        for matrix in matrices:
            matrix.rref()

    run()
    return median(7, run) / len(matrices) * 1e6


print(outage(int(sys.argv[2])) if sys.argv[1] == "outage" else rref())
