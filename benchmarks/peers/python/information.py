"""The reference estimator of mutual information; needs scikit-learn 1.3 and NumPy 1. The other side is ours/mixtures.cpp."""
import os
from importlib.metadata import version

os.environ["TQDM_DISABLE"] = "1"   # its progress bars

import threadpoolctl
from gmm_mi.mi import EstimateMI
from gmm_mi.param_holders import MIDistParamHolder, SelectComponentsParamHolder
from server import Workload

peer = f"gmm-mi {version('gmm-mi')}"
workloads = {}


def use_threads(n):
    threadpoolctl.threadpool_limits(n)


def information(name, files, count, components):
    def make(store):
        tables = [store.read(f"{files}{i}", "float64", -1, 2) for i in range(count)]
        chosen = {"set": 0}

        def call():
            e = EstimateMI(select_components_params=SelectComponentsParamHolder(fixed_components_number=components))
            e.fit(tables[chosen["set"]])
            mean, sd = e.estimate(mi_dist_params=MIDistParamHolder(n_bootstrap=100, MC_samples=10_000))[:2]
            w.note = f"set {chosen['set']}: {mean:.4f} +- {sd:.4f}, K {components or getattr(e, 'best_components', '?')}"

        w = Workload(call, reset=lambda index: chosen.update(set=index % count), check=lambda: [[]])
        return w

    workloads[name] = make


information("mutual_information_d3_n10000", "d3_", 5, 0)
information("mutual_information_d3_n10000_k3", "d3_", 5, 3)
information("mutual_information_gaussian_n200", "gaussian_", 1, 0)
