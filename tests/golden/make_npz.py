#!/usr/bin/env python3
"""Archives by numpy.savez and savez_compressed. Needs numpy. Writes npy/stored.npz and npy/deflated.npz."""
import os

import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
arrays = dict(weights_=np.array([0.25, 0.75]), means_=np.array([[1.0, 2.0], [3.0, -4.5]]), covariances_=np.array([[[1.0, 0.5], [0.5, 2.0]], [[3.0, 0.0], [0.0, 1.0]]]),
              counts=np.arange(1000, dtype=np.int32).reshape(10, 100) // 7)
np.savez(f"{here}/npy/stored.npz", **arrays)
np.savez_compressed(f"{here}/npy/deflated.npz", **arrays)
