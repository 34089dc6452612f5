"""Multilevel transforms in PyWavelets, which runs on one thread; the other side is ours/wavelets.cpp."""
import itertools
from importlib.metadata import version

import numpy as np
import pywt
from server import Workload

peer = f"PyWavelets {version('PyWavelets')}"
workloads = {}


def use_threads(n):
    pass


def analysis(name, wavelet, shape, levels, axes, dtype):
    def make(store):
        x = store.read(name + "-x", dtype, *shape)

        def call():
            return pywt.wavedecn(x, wavelet, mode="symmetric", level=levels, axes=axes)

        def check():   # for each sample the approximation, then the bands of each level; bit a of a band's number means detail along axis a
            approximation, *details = call()
            samples = shape[0] if len(shape) > len(axes) else 1
            bands = ["".join("d" if b >> a & 1 else "a" for a in range(len(axes))) for b in range(1, 1 << len(axes))]
            parts = [approximation, *(level[band] for level, band in itertools.product(details, bands))]
            return [np.concatenate([p.reshape(samples, -1) for p in parts], axis=1)]

        return Workload(call, check=check)

    workloads[name] = make


analysis("dwt_db1_640x28x28", "db1", (640, 28, 28), 4, (-2, -1), "float32")
analysis("dwt_db4_64x256x256", "db4", (64, 256, 256), 4, (-2, -1), "float32")
analysis("dwt_db4_1048576", "db4", (1 << 20,), 8, (0,), "float64")
analysis("dwt_db2_64x64x64", "db2", (64, 64, 64), 3, (0, 1, 2), "float32")
