#!/usr/bin/env python3
"""PyWavelets' transforms of x[i] = cos(1.3 i) + ((i i) mod 7) / 10 for tests/wavelet/signals.cpp. Needs numpy and PyWavelets 1.8.
Writes wavelet_modes.txt beside itself. To stay small, most results c are kept as two numbers of thirteen digits,
sum_j c[j] cos(0.7 j + 1) and sum_j c[j] (((3 j j + j) mod 13) - 6) / 6."""
import os
import numpy as np
import pywt
from golden import write

here = os.path.dirname(os.path.abspath(__file__))
MODES = ["symmetric", "periodization", "antisymmetric", "reflect", "antireflect", "periodic", "zero", "constant", "smooth"]
SAMPLE = ["db1", "db4", "sym5", "coif2", "bior2.4", "rbio3.3"]


def signal(n):
    i = np.arange(n)
    return np.cos(1.3 * i) + (i * i % 7) / 10


def told(*parts):
    c = np.concatenate([np.ravel(p) for p in parts])
    j = np.arange(len(c))
    return [float(f"{np.sum(c * w):.13g}") for w in (np.cos(0.7 * j + 1), ((3 * j * j + j) % 13 - 6) / 6)]


arrays = {}
# every filter of every wavelet: one level of 23 samples in full
for name in [f"sym{n}" for n in range(2, 21)] + [f"coif{n}" for n in range(1, 6)] + pywt.wavelist("bior") + pywt.wavelist("rbio"):
    arrays[name] = np.concatenate(pywt.dwt(signal(23), name, "symmetric"))
# every mode at every size from 2 to 67
for mode in MODES:
    for name in SAMPLE:
        arrays[f"{mode}_{name}"] = [told(*pywt.dwt(signal(n), name, mode)) for n in range(2, 68)]
        arrays[f"{mode}_{name}_packets"] = [told(*[node.data for node in pywt.WaveletPacket(signal(n), name, mode, maxlevel=3).get_level(3, "natural")])
                                            for n in (17, 32, 67)]
    arrays[f"{mode}_db4_11"] = np.concatenate(pywt.dwt(signal(11), "db4", mode))
    arrays[f"{mode}_2d"] = told(*(lambda a, d: [a] + [b for level in d for b in level])(*(lambda c: (c[0], c[1:]))(pywt.wavedec2(signal(13 * 21).reshape(13, 21), "db3", mode, level=2))))
frequency = pywt.WaveletPacket(signal(32), "db2", "symmetric", maxlevel=3).get_level(3, "freq")
arrays["packets_by_frequency"] = np.concatenate([node.data for node in frequency])
for name in SAMPLE:
    for levels in (1, 2, 3):
        step = 2 ** levels
        arrays[f"stationary_{name}_{levels}"] = [told(*pywt.swt(signal(n), name, levels, trim_approx=True)) for n in range(step, 68, step)]
arrays["stationary_db2_16"] = np.concatenate(pywt.swt(signal(16), "db2", 2, trim_approx=True))
x = np.array([-2.5, -1.2, -0.9, -0.3, 0.0, 0.2, 0.7, 1.0, 1.2, 1.5, 3.1])
arrays["threshold_input"] = x
for rule in ("soft", "hard", "garrote", "greater", "less"):
    with np.errstate(all="ignore"):
        arrays[f"threshold_{rule}"] = pywt.threshold(x, 1.1, rule)
arrays["threshold_firm"] = pywt.threshold_firm(x, 0.5, 1.4)
write(f"{here}/wavelet_modes.txt", "make_wavelets.py", arrays)
