#!/usr/bin/env python3
"""Fifty steps of PyTorch's optimisers on a fixed sequence of gradients. Needs torch. Writes optimizers.txt beside itself."""
import os

import numpy as np
import torch

from golden import write

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(50)
p0 = rng.standard_normal(7)
gradients = rng.standard_normal((50, 7)) * np.array([1, 10, 0.1, 1e-3, 1, 0, 3])
arrays = {"start": p0, "gradients": gradients}
cases = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.02),
    "sgd_decay": lambda p: torch.optim.SGD(p, lr=0.02, weight_decay=0.1),
    "sgd_momentum": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9, weight_decay=0.01),
    "sgd_nesterov": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "adam_slow": lambda p: torch.optim.Adam(p, lr=0.003, betas=(0.8, 0.99), eps=1e-4),
}
for name, make in cases.items():
    p = torch.tensor(p0.copy(), requires_grad=True)
    o = make([p])
    for g in gradients:
        p.grad = torch.tensor(g.copy())
        o.step()
    arrays[name] = p.detach().numpy()
write(f"{here}/optimizers.txt", "make_optimizers.py", arrays)
