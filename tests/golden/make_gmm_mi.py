#!/usr/bin/env python3
"""The samples and figures that the reference estimator of mutual information (gmm-mi 0.8.2, its own random numbers) was run on, collected from
the folder named on the command line: reference.json and CSV files with a header line. Writes gmm_mi.txt beside itself."""
import json
import os
import sys

import numpy as np

from golden import write

here = os.path.dirname(os.path.abspath(__file__))
folder = sys.argv[1]
j = json.load(open(f"{folder}/reference.json"))
read = lambda name: np.loadtxt(f"{folder}/{name}.csv", delimiter=",", skiprows=1)
arrays = {"normals": read("base_normals_10000"), "d5p": read("mixture_d5p_2000"), "gammaexp": read("gammaexp_alpha1_log_1000"), "weinman": read("weinman_alpha1_log_1000"),
          "categorical": read("categorical_3gauss_3000"), "trivariate": read("trivariate_2000")}
trace = j["deterministic"]["em_trace"]
arrays["trace"] = trace["mean_loglik_per_iteration"]
f = trace["final"]
arrays |= {"trace_weights": f["weights"], "trace_means": f["means"], "trace_covariances": f["covariances"], "trace_criteria": [f["aic"], f["bic"], f["mi_quadrature"]]}
for p in trace["params_after"]:
    arrays |= {f"trace_{p['it']}_weights": p["weights"], f"trace_{p['it']}_means": p["means"], f"trace_{p['it']}_covariances": p["cov"]}
for name, v in j["deterministic"]["synthetic_mi"].items():
    arrays[f"mi_{name}"] = [v["mi"]]
e = j["deterministic"]["point_eval_D5p"]
arrays |= {"points": e["points"], "points_logp": e["logp"], "points_logpx": e["logpx"], "points_logpy": e["logpy"]}
for r in j["runs_default_seeds"]["continuous"]:
    full = r.get("full_fit")
    key = "run_" + r["name"]
    arrays[key] = [r["true_mi"], r["mi_mean"], r["mi_std"], r["n_components"], r.get("full_fit_mi", full.get("mi", np.nan) if full else np.nan)]
    if "ksg_k1" in r:
        arrays["ksg_" + r["name"]] = [r["ksg_k1"], r["ksg_k3"]]
    if full:
        arrays |= {f"{key}_weights": full["weights"], f"{key}_means": full["means"], f"{key}_covariances": full["covariances"]}
for name, s in j["seed_scatter"].items():
    arrays["scatter_" + name] = [s["mi_mean_avg"], s["mi_mean_seed_sd"], s["mi_std_avg"], min(s["n_components"]), max(s["n_components"])]
for r in j["runs_default_seeds"]["categorical"]:
    arrays["run_" + r["name"]] = [r["true_mi_class_weights"], r["mi_mean"], r["mi_std"], r["true_mi_uniform_weights"]]
for r in j["runs_default_seeds"]["conditional"]:
    arrays["run_" + r["name"]] = [r["true_mi"], r["mi_mean"], r["mi_std"], r["n_components"]]
for r in j["runs_default_seeds"]["kl"]:
    arrays["run_" + r["name"]] = [r["true_kl"], r["kl_mean"], r["kl_std"]]
write(f"{here}/gmm_mi.txt", "make_gmm_mi.py", arrays)
