#!/usr/bin/env python3
"""Golden values for wavelets and the WavPool block: PyWavelets' coefficients and reconstructions, and PyTorch's gradients.
Needs numpy, PyWavelets and torch. Writes wavelets.txt and wavpool.txt beside itself."""
import os
import warnings

import numpy as np
import pywt
import torch

from golden import write

here = os.path.dirname(os.path.abspath(__file__))
warnings.simplefilter("ignore")   # PyWavelets warns where levels are more than it would choose itself
rng = np.random.default_rng(2306)

# ---- transforms: signals, images, volumes; three wavelets, two modes, odd and even sizes
arrays = {}
x16 = np.round(rng.standard_normal(16), 3)
signals = {"x16": x16, "x15": x16[:15].copy(), "x8": np.arange(8, dtype=float)}
im8 = np.round(rng.standard_normal((8, 8)), 3)
images = {"im8": im8, "im7": im8[:7, :7].copy(), "im12x10": np.round(rng.standard_normal((12, 10)), 3)}
arrays.update(signals)
arrays.update(images)
levels = {"haar": 3, "db2": 2, "db4": 2}


def flat(coefficients):
    parts = [np.ravel(coefficients[0])]
    for level in coefficients[1:]:
        parts += [np.ravel(band) for band in (level if isinstance(level, tuple) else (level,))]
    return np.concatenate(parts)


for w, n in levels.items():
    for mode in ("symmetric", "periodization"):
        for name, x in signals.items():
            c = pywt.wavedec(x, w, mode=mode, level=n)
            arrays[f"1d_{w}_{mode}_{name}"] = flat(c)
            arrays[f"1d_{w}_{mode}_{name}_rec"] = pywt.waverec(c, w, mode=mode)[: len(x)]
        for name, x in images.items():
            c = pywt.wavedec2(x, w, mode=mode, level=n if w == "haar" else 2)
            arrays[f"2d_{w}_{mode}_{name}"] = flat(c)
            arrays[f"2d_{w}_{mode}_{name}_rec"] = pywt.waverec2(c, w, mode=mode)[: x.shape[0], : x.shape[1]]
volume = np.round(np.random.default_rng(23061).standard_normal((6, 9, 5)), 3)
arrays["vol"] = volume
for w in ("haar", "db2"):
    c = pywt.wavedecn(volume, w, mode="symmetric", level=1)
    # band b has detail along axis a where bit a of b is set
    bands = [c[1]["".join("d" if b >> a & 1 else "a" for a in range(3))] for b in range(1, 8)]
    arrays[f"3d_{w}_symmetric_vol"] = np.concatenate([np.ravel(c[0])] + [np.ravel(b) for b in bands])
for k in range(1, 21):
    W = pywt.Wavelet(f"db{k}")
    arrays[f"filters_db{k}"] = [W.dec_lo, W.dec_hi, W.rec_lo, W.rec_hi]
arrays["max_level"] = [[n, k, pywt.dwt_max_level(n, 2 * k)] for n in (7, 8, 15, 16, 28, 32, 33) for k in (1, 2, 4)]
write(f"{here}/wavelets.txt", "make_wavpool.py", arrays)

# ---- the block: batch 2 of 8x8, hidden 6 (2, 3, 6), pooling by 2, three classes; forward, loss and all gradients
batch, n, hidden, pool, classes = 2, 8, 6, 2, 3
X = np.round(rng.standard_normal((batch, n, n)), 3)
sides = [d[0].shape[0] for d in pywt.wavedec2(np.zeros((n, n)), "haar")[1:]]
L = len(sides)
widths = [hidden // (i + 1) for i in range(L)][::-1]
maps = [[(np.round(rng.standard_normal((widths[l], sides[l] ** 2)) / sides[l], 4), np.round(0.1 * rng.standard_normal(widths[l]), 4))
         for _ in range(3)] for l in range(L)]
features = (hidden // pool) * (3 // pool) * (L // pool)
Wo, bo = np.round(rng.standard_normal((classes, features)) / np.sqrt(features), 4), np.round(0.1 * rng.standard_normal(classes), 4)
block = {"x": X, "labels": [2, 0]}
# parameters and gradients in the order of fields(): level, band, weight, bias; then the readout
block["parameters"] = np.concatenate([np.ravel(a) for level in maps for pair in level for a in pair] + [Wo.ravel(), bo])
for mode in ("max", "average"):
    t = [[tuple(torch.tensor(a, requires_grad=True) for a in pair) for pair in level] for level in maps]
    two, tbo = torch.tensor(Wo, requires_grad=True), torch.tensor(bo, requires_grad=True)
    tx = torch.tensor(X, requires_grad=True)
    a, bands = tx, []
    for _ in range(L):   # Haar by hand, so that torch knows its gradient; even sizes only
        p, q, r, s = a[..., ::2, ::2], a[..., ::2, 1::2], a[..., 1::2, ::2], a[..., 1::2, 1::2]
        bands.append(((p + q - r - s) / 2, (p - q + r - s) / 2, (p - q - r + s) / 2))
        a = (p + q + r + s) / 2
    reference = pywt.wavedec2(X, "haar", axes=(-2, -1))[1:]
    for ours, theirs in zip(bands[::-1], reference):
        assert all(np.allclose(o.detach().numpy(), r, atol=1e-12) for o, r in zip(ours, theirs))
    outs = []
    for l in range(L):
        y = torch.stack([bands[::-1][l][k].flatten(1) @ t[l][k][0].T + t[l][k][1] for k in range(3)], -1)
        outs.append(torch.nn.functional.pad(y, (0, 0, hidden - y.shape[1], 0)))
    stacked = torch.stack(outs, -1)
    pooling = torch.nn.MaxPool3d(pool) if mode == "max" else torch.nn.AvgPool3d(pool)
    pooled = pooling(stacked)
    logits = torch.flatten(pooled, 1) @ two.T + tbo
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor([2, 0]))
    loss.backward()
    zero = lambda v: np.zeros(v.shape) if v.grad is None else v.grad.numpy()
    block["stacked"] = stacked.detach().numpy()
    block[f"pooled_{mode}"] = pooled.detach().numpy()
    block[f"logits_{mode}"] = logits.detach().numpy()
    block[f"loss_{mode}"] = [float(loss)]
    block[f"gradients_{mode}"] = np.concatenate([zero(v).ravel() for level in t for pair in level for v in pair] + [two.grad.numpy().ravel(), tbo.grad.numpy()])
    block[f"input_gradient_{mode}"] = tx.grad.numpy()
write(f"{here}/wavpool.txt", "make_wavpool.py", block)
