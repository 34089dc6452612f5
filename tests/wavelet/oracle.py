#!/usr/bin/env python3
"""PyWavelets beside the records that oracle.cpp wrote: python3 oracle.py FILE. A transform of one wavelet passes if in all of its records, every
number is within 1e-10 of PyWavelets', relative to the largest of the record where that is above 1. The last line is "N passed, N failed"."""
import sys
import warnings

import numpy as np
import pywt

warnings.filterwarnings("ignore", message="Level value")   # short signals are transformed further than PyWavelets would choose
TOLERANCE = 1e-10


def joined(parts):
    return np.concatenate([np.ravel(p) for p in parts])


def truth(transform, name, mode, levels, extents, x):
    (n, *_) = extents
    if transform == "dwt":
        return joined(pywt.dwt(x, name, mode))
    if transform == "idwt":
        return pywt.idwt(x[: len(x) // 2], x[len(x) // 2:], name, mode)[:n]
    if transform == "packets":
        return joined(node.data for node in pywt.WaveletPacket(x, name, mode, maxlevel=levels).get_level(levels, "natural"))
    if transform == "wavedec" and len(extents) == 1:
        return joined(pywt.wavedec(x, name, mode, levels))
    if transform == "wavedec":
        approximation, *details = pywt.wavedec2(x.reshape(extents), name, mode, levels)
        return joined([approximation] + [band for level in details for band in level])
    if transform == "swt":
        return joined(pywt.swt(x, name, levels, trim_approx=True))
    return pywt.iswt(list(x.reshape(levels + 1, n)), name)


worst, records, wrong = {}, {}, {}
with open(sys.argv[1], "rb") as file:
    while line := file.readline():
        head, counts = line.decode().split(":")
        transform, name, mode, levels, *extents = head.split()
        extents, (inputs, outputs) = [int(n) for n in extents], [int(n) for n in counts.split()]
        x, got = np.fromfile(file, count=inputs), np.fromfile(file, count=outputs)
        expected = truth(transform, name, mode, int(levels), extents, x)
        off = np.inf
        if expected.shape == got.shape:
            off = np.max(np.abs(got - expected)) / max(1, np.max(np.abs(expected)))
        records[transform] = records.get(transform, 0) + 1
        worst[transform] = max(worst.get(transform, 0), off)
        bad = wrong.setdefault((transform, name), [])
        if not off < TOLERANCE:
            bad.append(f"{head.strip()}: off by {off:.1e}, {got.size} numbers where PyWavelets has {expected.size}")
for transform in records:
    print(f"{transform}: {records[transform]} of random numbers, the worst {worst[transform]:.1e} off")
for (transform, name), bad in wrong.items():
    if bad:
        print(f"FAILED {transform} of {name}, {len(bad)} times:", *bad[:3], sep="\n  ")
failed = sum(bool(bad) for bad in wrong.values())
print(f"{len(wrong) - failed} passed, {failed} failed")
sys.exit(failed != 0 or not wrong)
