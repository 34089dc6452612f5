#!/usr/bin/env python3
"""HDF5 files as h5py writes them, in HDF5's oldest format: arrays.hdf5, and a snapshot of particles in two files as Gadget and AREPO leave them. Needs h5py."""
import os

import h5py
import numpy as np

here = os.path.dirname(os.path.abspath(__file__)) + "/hdf5"
os.makedirs(here, exist_ok=True)

with h5py.File(here + "/arrays.hdf5", "w", libver="earliest", track_order=False) as f:
    f["f4"] = np.arange(24, dtype="<f4").reshape(2, 3, 4) / 8
    f["inner/deep/big_endian"] = np.arange(6, dtype=">f8").reshape(3, 2) - 0.5
    f["inner/i2"] = np.array([-300, 7], dtype="<i2")
    f["inner/bool"] = np.array([True, False, True])
    f["scalar"] = np.int64(-5)
    f["empty"] = np.zeros((0, 4), "<f4")
    f["names"] = np.array([b"one", b"two"])
    f.create_dataset("packed", data=np.arange(1000, dtype="<i4").reshape(100, 10) // 3, chunks=(16, 10), compression="gzip", shuffle=True)
    sparse = f.create_dataset("sparse", shape=(20, 5), dtype="<f4", chunks=(8, 2), fillvalue=7, fletcher32=True)   # most chunks are not in the file
    sparse[9:11, 1:4] = [[1, 2, 3], [4, 5, 6]]
    f["packed"].attrs["unit"] = "Mpc/h"
    f.attrs["fixed"] = np.bytes_(b"fixed text")
    f.attrs["numbers"] = np.array([1.5, 2.5, -1])
    f["inner"].attrs["count"] = np.uint32(42)

rng = np.random.default_rng(5)
counts = np.array([[3, 5, 0, 0, 0, 0], [2, 4, 0, 0, 1, 0]])
total = counts.sum(0)
for i in range(2):
    with h5py.File(f"{here}/snapshot.{i}.hdf5", "w", libver="earliest") as f:
        h = f.create_group("Header").attrs
        h["NumPart_ThisFile"] = counts[i].astype("<i4")
        h["NumPart_Total"] = total.astype("<u4")
        h["NumPart_Total_HighWord"] = np.zeros(6, "<u4")
        h["MassTable"] = np.array([0, 0.25, 0, 0, 0, 0])
        h["NumFilesPerSnapshot"] = np.int32(2)
        h["BoxSize"], h["Time"], h["Redshift"] = 25000.0, 0.5, 1.0
        h["Omega0"], h["OmegaLambda"], h["HubbleParam"] = 0.3, 0.7, 0.6711
        for t in range(6):
            n, before = counts[i, t], counts[:i, t].sum()
            if n == 0:
                continue
            g = f.create_group(f"PartType{t}")
            ids = 1000 * t + before + np.arange(n)
            g.create_dataset("ParticleIDs", data=ids.astype("<u8" if t == 1 else "<u4"))
            g.create_dataset("Coordinates", data=(ids[:, None] + np.array([0.25, 0.5, 0.75])).astype("<f8"), chunks=(2, 3) if n > 1 else None, compression="gzip" if n > 1 else None)
            g.create_dataset("Velocities", data=(-ids[:, None] * np.array([1.0, 2.0, 3.0])).astype("<f4"))
            if t != 1:
                g.create_dataset("Masses", data=(ids / 16).astype("<f4"))
