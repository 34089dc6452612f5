#!/usr/bin/env python3
"""npy files of kinds that NumPy writes. Writes into npy/ beside itself."""
import os

import numpy as np

out = os.path.join(os.path.dirname(os.path.abspath(__file__)), "npy")
os.makedirs(out, exist_ok=True)
a = np.arange(24, dtype="f8").reshape(2, 3, 4)
np.save(f"{out}/fortran_f8.npy", np.asfortranarray(a))
np.save(f"{out}/scalar_i4.npy", np.int32(-7))
np.save(f"{out}/row_u1.npy", np.array([0, 1, 255], dtype="u1"))
np.save(f"{out}/bool.npy", np.array([False, True]))
np.save(f"{out}/complex.npy", np.array([1j]))
np.save(f"{out}/big_endian.npy", np.array([1.0], dtype=">f8"))
