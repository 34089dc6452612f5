#!/usr/bin/env python3
"""Fifty steps of PyTorch's optimisers for 37 parameters on a fixed sequence of gradients, short numbers. Needs torch and scipy. Writes optimizers.txt beside itself."""
import os

import numpy as np
import torch
from scipy.optimize import minimize

from golden import write

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(50)
count = 37   # whole vectors of 4, 8 and 16 lanes, and a rest
p0 = rng.standard_normal(count).round(4)
gradients = np.vectorize(lambda v: float(f"{v:.4g}"))(rng.standard_normal((50, count)) * np.resize([1, 10, 0.1, 1e-3, 1, 0, 3], count)) + 0.0
arrays = {"start": p0, "gradients": gradients}
cases = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.02),
    "sgd_decay": lambda p: torch.optim.SGD(p, lr=0.02, weight_decay=0.1),
    "sgd_momentum": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9, weight_decay=0.01),
    "sgd_nesterov": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "adam_decay": lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.1),
    "amsgrad": lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.8, 0.9), amsgrad=True),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01),
    "adamw_amsgrad": lambda p: torch.optim.AdamW(p, lr=0.02, weight_decay=0.3, amsgrad=True),
    "rmsprop": lambda p: torch.optim.RMSprop(p),
    "rmsprop_momentum": lambda p: torch.optim.RMSprop(p, lr=0.003, alpha=0.9, eps=1e-6, weight_decay=0.1, momentum=0.8),
    "rmsprop_centered": lambda p: torch.optim.RMSprop(p, lr=0.003, alpha=0.95, momentum=0.5, centered=True),
    "adam_slow": lambda p: torch.optim.Adam(p, lr=0.003, betas=(0.8, 0.99), eps=1e-4),
}
for name, make in cases.items():
    p = torch.tensor(p0.copy(), requires_grad=True)
    o = make([p])
    for g in gradients:
        p.grad = torch.tensor(g.copy())
        o.step()
    arrays[name] = p.detach().numpy()


def rosenbrock(p):
    return (100 * (p[1:] - p[:-1] ** 2) ** 2 + (1 - p[:-1]) ** 2).sum()


def bowl(p):
    k = torch.arange(1, len(p) + 1, dtype=p.dtype)
    return torch.log(torch.exp(k * p - 1).sum() + torch.exp(-p / k).sum()) + 0.05 * (p ** 2).sum()


searches = {
    "lbfgs_rosenbrock": (rosenbrock, 50, dict(max_iter=1, max_eval=25)),
    "lbfgs_short_history": (rosenbrock, 50, dict(max_iter=1, max_eval=25, history_size=3, lr=0.7)),
    "lbfgs_bowl": (bowl, 50, dict(max_iter=1, max_eval=25, lr=0.5, tolerance_grad=1e-12, tolerance_change=1e-15)),
    "lbfgs_steps_of_twenty": (rosenbrock, 3, dict(history_size=10)),
}
start = np.array([-1.2, 1.0, -0.7, 0.3, 1.5, -1.0])
arrays["search_start"] = start
for name, (f, steps, options) in searches.items():
    p = torch.tensor(start.copy(), requires_grad=True)
    o = torch.optim.LBFGS([p], line_search_fn="strong_wolfe", **options)
    path = []

    def closure():
        o.zero_grad()
        loss = f(p)
        loss.backward()
        return loss

    for _ in range(steps):
        o.step(closure)
        path.append(p.detach().numpy().copy())
    arrays[name] = np.array(path)

# Optima within a box by scipy's L-BFGS-B: rows start, lower, upper, optimum. Rosenbrock's function has another minimum near p[0] = -1.
def on_host(x):
    p = torch.tensor(x, requires_grad=True)
    f = rosenbrock(p)
    f.backward()
    return f.item(), p.grad.numpy()


for name, x0, low, high in [("box_one", [0.2, 0.1, 0.4, 0.0], [-0.5] * 4, [0.8] * 4), ("box_two", [1.9, 1.2, 3.0], [1.2, -1, -9], [2, 9, 9]),
                            ("box_three", [0.0, 0.5, 0.5, 0.5, 0.5], [-1, 0.3, 0.1, -9, 0.2], [9, 9, 0.6, 9, 9])]:
    r = minimize(on_host, np.array(x0), jac=True, method="L-BFGS-B", bounds=list(zip(low, high)), options=dict(ftol=1e-16, gtol=1e-11, maxiter=5000))
    arrays[name] = np.array([x0, low, high, r.x])
write(f"{here}/optimizers.txt", "make_optimizers.py", arrays)
