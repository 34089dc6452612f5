"""Expectation maximisation in scikit-learn; the other side is ours/mixtures.cpp."""
import warnings

import numpy as np
import sklearn
import threadpoolctl
from server import Workload
from sklearn.mixture import GaussianMixture

warnings.filterwarnings("ignore")   # that fifty iterations did not converge
peer = f"scikit-learn {sklearn.__version__}"
workloads = {}


def use_threads(n):
    threadpoolctl.threadpool_limits(n)


def em(name, files, k, d):
    def make(store):
        x, means = store.read(files + "-x", "float64", -1, d), store.read(files + "-means", "float64", k, d)
        parts = {}

        def call():
            parts["fit"] = GaussianMixture(k, means_init=means, weights_init=np.full(k, 1 / k), precisions_init=np.tile(np.eye(d), (k, 1, 1)), tol=0.0, max_iter=50).fit(x)

        def check():
            call()
            return parts["fit"].weights_, parts["fit"].means_, parts["fit"].covariances_

        return Workload(call, check=check)

    workloads[name] = make


em("gmm_em_1e5_k5_d2_50iter", "em_d2", 5, 2)
em("gmm_em_2e4_k10_d8_50iter", "em_d8", 10, 8)
