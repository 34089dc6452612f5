#!/usr/bin/env python3
"""Small image sets in the formats of MNIST (idx, gzipped) and CIFAR-10 (binary), for a quick run of the wavpool example.

Ten classes: gratings of five orientations and two scales, of random phase and noise. Writes images/ beside itself. Seed 20230614."""
import gzip
import os
import struct

import numpy as np

rng = np.random.default_rng(20230614)
out = os.path.join(os.path.dirname(os.path.abspath(__file__)), "images")
os.makedirs(f"{out}/idx", exist_ok=True)
os.makedirs(f"{out}/cifar", exist_ok=True)


def grating(side, label):
    angle, period = np.pi * (label % 5) / 5, side / (3 if label < 5 else 6)
    y, x = np.mgrid[:side, :side]
    wave = np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period + rng.uniform(0, 2 * np.pi))
    return np.clip(16 * np.round(127 + 90 * wave + 16 * rng.standard_normal((side, side))) // 16, 0, 255).astype("u1")


def gz(name, header, data):
    with gzip.GzipFile(f"{out}/idx/{name}", "wb", mtime=0) as f:
        f.write(header + data.tobytes())


labels = (np.arange(180) % 10).astype("u1")
images = np.stack([grating(28, k) for k in labels])
gz("train-images-idx3-ubyte.gz", struct.pack(">HBBIII", 0, 8, 3, *images.shape), images)
gz("train-labels-idx1-ubyte.gz", struct.pack(">HBBI", 0, 8, 1, labels.size), labels)
with open(f"{out}/cifar/data_batch_1.bin", "wb") as f:
    for k in labels[:18]:
        f.write(bytes([k]) + np.stack([grating(32, k) for _ in range(3)]).tobytes())
