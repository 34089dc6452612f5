#!/usr/bin/env python3
"""Runs every NAME.onnx of a folder in onnxruntime on NAME.x.npy and holds it against NAME.y.npy: python3 check.py FOLDER.
Differences may be 1e-4 of the root mean square in float32, 1e-10 in float64. The last line is "N passed, N failed"."""
import glob
import sys

import numpy as np
import onnxruntime

passed = failed = 0
for path in sorted(glob.glob(sys.argv[1] + "/*.onnx")):
    name = path[:-5]
    x, y = np.load(name + ".x.npy"), np.load(name + ".y.npy")
    try:
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        assert session.get_inputs()[0].shape[0] == "batch" == session.get_outputs()[0].shape[0]
        (got,) = session.run(None, {session.get_inputs()[0].name: x})
        (one,) = session.run(None, {session.get_inputs()[0].name: x[:1]})
        assert got.shape == y.shape and got.dtype == y.dtype and one.shape == (1,) + y.shape[1:], (got.shape, got.dtype, y.shape, y.dtype)
        rms = np.sqrt(np.mean(y.astype(float) ** 2))
        off = max(np.max(np.abs(got - y)), np.max(np.abs(one - y[:1]))) / rms
        good = rms > 0 and off < (1e-4 if y.dtype == np.float32 else 1e-10)
        print(f"{name.rsplit('/', 1)[1]}: {off:.1e} of rms {rms:.2g}, output {y.shape}")
    except Exception as e:
        good = False
        print(f"{name}: {e}")
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print(f"FAILED {name}")
print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0 or passed == 0)
