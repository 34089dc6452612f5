#!/usr/bin/env python3
"""scikit-learn's mixtures and k-means from given starts. Needs numpy and scikit-learn. Writes mixtures.txt beside itself."""
import os
import warnings

import numpy as np
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

from golden import write

warnings.filterwarnings("ignore")
here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(11)
arrays = {}
for d, k, n in [(1, 2, 103), (2, 3, 211), (3, 2, 157), (5, 3, 190), (8, 2, 170), (10, 2, 161)]:
    x = np.concatenate([rng.normal(rng.normal(0, 2, d), rng.uniform(0.5, 1.5, d), (n // k + 1, d)) for _ in range(k)])[:n] @ (np.eye(d) + 0.3 * rng.normal(size=(d, d)))
    x = np.round(x + 5 * np.arange(d), 6)
    means = x[rng.choice(n, k, replace=False)]
    weights = rng.dirichlet(np.full(k, 5.0))
    name = f"d{d}"
    arrays |= {f"{name}_x": x, f"{name}_start_means": means, f"{name}_start_weights": weights}
    for kind in ["full", "tied", "diag", "spherical"]:
        precision = {"full": np.tile(np.eye(d), (k, 1, 1)), "tied": np.eye(d), "diag": np.ones((k, d)), "spherical": np.ones(k)}[kind]
        m = GaussianMixture(k, covariance_type=kind, means_init=means, weights_init=weights, precisions_init=precision, tol=0.0, max_iter=12, reg_covar=1e-6).fit(x)
        c = m.covariances_
        full = {"full": lambda: c, "tied": lambda: np.tile(c, (k, 1, 1)), "diag": lambda: np.array([np.diag(v) for v in c]),
                "spherical": lambda: np.array([v * np.eye(d) for v in c])}[kind]()
        arrays |= {f"{name}_{kind}_weights": m.weights_, f"{name}_{kind}_means": m.means_, f"{name}_{kind}_covariances": full, f"{name}_{kind}_log_prob": m.score_samples(x[:20]),
                   f"{name}_{kind}_criteria": [m.aic(x), m.bic(x)]}
    km = KMeans(k, init=means, n_init=1, algorithm="lloyd", tol=0.0, max_iter=300).fit(x)
    arrays |= {f"{name}_kmeans_centers": km.cluster_centers_, f"{name}_kmeans_inertia": [km.inertia_]}
write(f"{here}/mixtures.txt", "make_mixtures.py", arrays)
