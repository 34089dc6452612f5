#!/usr/bin/env python3
"""Sixty learning rates of PyTorch's schedulers, clipped gradients and averaged parameters. Needs torch. Writes schedules.txt beside itself."""
import os
import warnings

import numpy as np
import torch
from torch.optim import lr_scheduler as ls
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from golden import write

warnings.simplefilter("ignore")
here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(51)
losses = np.concatenate([np.linspace(2, 1, 12), 1 + 0.1 * rng.random(20), 0.9 - 0.3 * rng.random(8), np.full(20, 0.7)])
arrays = {"losses": losses}
cases = {
    "constant": lambda o: ls.ConstantLR(o, factor=0.3, total_iters=1000),
    "step_decay": lambda o: ls.StepLR(o, 7, gamma=0.4),
    "exponential_decay": lambda o: ls.ExponentialLR(o, 0.93),
    "cosine_restarts": lambda o: ls.CosineAnnealingWarmRestarts(o, 9, eta_min=0.02),
    "cosine_growing": lambda o: ls.CosineAnnealingWarmRestarts(o, 4, T_mult=3),
    "one_cycle": lambda o: ls.OneCycleLR(o, 0.2, total_steps=60, cycle_momentum=False),
    "one_cycle_linear": lambda o: ls.OneCycleLR(o, 0.2, total_steps=60, pct_start=0.45, anneal_strategy="linear", div_factor=10, final_div_factor=100, cycle_momentum=False),
    "triangular": lambda o: ls.CyclicLR(o, 0.05, 0.2, step_size_up=7, step_size_down=5, cycle_momentum=False),
    "triangular2": lambda o: ls.CyclicLR(o, 0.02, 0.2, step_size_up=6, mode="triangular2", cycle_momentum=False),
    "triangular_decaying": lambda o: ls.CyclicLR(o, 0.02, 0.2, step_size_up=6, mode="exp_range", gamma=0.97, cycle_momentum=False),
    "plateau": lambda o: ls.ReduceLROnPlateau(o, factor=0.5, patience=3, threshold=1e-3, cooldown=2, min_lr=0.01),
    "warm_up_cosine": lambda o: ls.SequentialLR(o, [ls.LinearLR(o, 0.1, total_iters=8), ls.CosineAnnealingWarmRestarts(o, 10)], [8]),
    "warm_up_alone": lambda o: ls.LinearLR(o),
}
for name, make in cases.items():
    p = torch.zeros(1, requires_grad=True)
    o = torch.optim.SGD([p], lr=0.2)
    s = make(o)
    rates = []
    for t in range(60):
        rates.append(o.param_groups[0]["lr"])
        o.step()
        s.step(losses[t]) if name == "plateau" else s.step()
    arrays[name] = np.array(rates)
for name, make in {"one_cycle_momentum": lambda o: ls.OneCycleLR(o, 0.2, total_steps=60),
                   "one_cycle_momentum_linear": lambda o: ls.OneCycleLR(o, 0.2, total_steps=60, pct_start=0.45, anneal_strategy="linear", base_momentum=0.6, max_momentum=0.8)}.items():
    o = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.2, momentum=0.95)
    s = make(o)
    momenta = []
    for t in range(60):
        momenta.append(o.param_groups[0]["momentum"])
        o.step()
        s.step()
    arrays[name] = np.array(momenta)

g = rng.standard_normal(9)
arrays["gradient"] = g
for name, clip in [("clipped_norm", lambda p: torch.nn.utils.clip_grad_norm_([p], 0.7)), ("clipped_value", lambda p: torch.nn.utils.clip_grad_value_([p], 0.4)),
                   ("not_clipped", lambda p: torch.nn.utils.clip_grad_norm_([p], 100.0))]:
    p = torch.zeros(9, dtype=torch.float64, requires_grad=True)
    p.grad = torch.tensor(g.copy())
    clip(p)
    arrays[name] = p.grad.numpy()


class Parameters(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.p = torch.nn.Parameter(torch.zeros(5, dtype=torch.float64))


path = rng.standard_normal((30, 5))
arrays["path"] = path
for name, options in [("mean_exponential", dict(multi_avg_fn=get_ema_multi_avg_fn(0.9))), ("mean_equal", {})]:
    m = Parameters()
    a = AveragedModel(m, **options)
    for row in path:
        m.p.data = torch.tensor(row.copy())
        a.update_parameters(m)
    arrays[name] = a.module.p.detach().numpy()
write(f"{here}/schedules.txt", "make_schedules.py", arrays)
