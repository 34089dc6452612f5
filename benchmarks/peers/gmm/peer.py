#!/usr/bin/env python3
"""Data for the mixture benchmarks, and the peers on the same data: one JSON line a workload.

usage: peer.py data FOLDER | sklearn FOLDER [THREADS] | gmm_mi FOLDER [SETS]
gmm_mi needs an environment of its own: "numpy<2" "scikit-learn==1.3.2" "scipy<1.14" gmm-mi.
"""
import json
import os
import statistics
import sys
import time

what, folder = sys.argv[1], sys.argv[2]
number = int(sys.argv[3]) if len(sys.argv) > 3 else 0
threads = (number or 2) if what == "sklearn" else 2
for v in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[v] = str(threads)
import numpy as np


def report(name, library, call, work, runs):
    times, result = [], ""
    for i in range(runs):
        start = time.perf_counter()
        result = call()
        times.append(time.perf_counter() - start)
    print(json.dumps({"workload": name, "library": library, "threads": threads, "median_s": statistics.median(times), "best_s": min(times), "runs": runs, "work": work,
                      "result": str(result)}), flush=True)


load = lambda name: np.load(f"{folder}/{name}.npy")
if what == "data":
    rng = np.random.default_rng(0)
    save = lambda name, a: np.save(f"{folder}/{name}.npy", np.ascontiguousarray(a))
    centres = rng.normal(0, 3, (5, 2))
    save("em_d2", np.concatenate([rng.normal(m, 0.7, (20_000, 2)) for m in centres]))
    save("em_d2_means", rng.random((5, 2)) * 6 - 3)
    save("em_d8", rng.normal(size=(20_000, 8)))
    save("em_d8_means", rng.normal(size=(10, 8)))
    rng = np.random.default_rng(0)

    def mixture(n):
        weights = [.3, .45, .25]
        means = [(-1, 1), (0, 2), (-1.5, 2)]
        covs = [[[1, 0], [0, .1]], [[.5, .2], [.2, .5]], [[.1, .05], [.05, .1]]]
        return np.concatenate([rng.multivariate_normal(m, c, k) for m, c, k in zip(means, covs, rng.multinomial(n, weights))])

    for i in range(5):
        save(f"d3_{i}", mixture(10_000))
    save("gaussian", rng.multivariate_normal([0, 0], [[1, .6], [.6, 1]], 200))
elif what == "sklearn":
    import warnings

    import sklearn
    from sklearn.mixture import GaussianMixture
    warnings.filterwarnings("ignore")
    for name, k, d in [("gmm_em_1e5_k5_d2_50iter", 5, 2), ("gmm_em_2e4_k10_d8_50iter", 10, 8)]:
        x, means = load(f"em_d{d}"), load(f"em_d{d}_means")
        fit = lambda: GaussianMixture(k, means_init=means, weights_init=np.full(k, 1 / k), precisions_init=np.tile(np.eye(d), (k, 1, 1)), tol=0.0, max_iter=50).fit(x).lower_bound_
        fit()
        report(name, f"scikit-learn {sklearn.__version__}", fit, f"{len(x)} rows, {k} components, {d} columns, 50 iterations", 5)
else:
    from gmm_mi.mi import EstimateMI
    from gmm_mi.param_holders import MIDistParamHolder, SelectComponentsParamHolder
    cases = [("gaussian_n200", ["gaussian"], 0), ("d3_n10000", [f"d3_{i}" for i in range(number or 5)], 0), ("d3_n10000_k3", [f"d3_{i}" for i in range(number or 5)], 3)]
    for label, tables, components in cases:
        for i, name in enumerate(tables):
            data = load(name)

            def estimate():
                e = EstimateMI(select_components_params=SelectComponentsParamHolder(fixed_components_number=components))
                e.fit(data)
                mi = e.estimate(mi_dist_params=MIDistParamHolder(n_bootstrap=100, MC_samples=10_000))
                return f"{mi[0]:.4f} +- {mi[1]:.4f}, K {components or getattr(e, 'best_components', '?')}"
            report("mutual_information_" + label, "gmm-mi", estimate, f"set {i}: {len(data)} rows, 3 starts, 2 folds, 100 bootstraps, 1e4 draws", 1)
