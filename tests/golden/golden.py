"""Writes golden files: text, one array a line, "name rank extent ... : number ..."."""
import numpy as np


def write(path, script, arrays):
    with open(path, "w") as f:
        f.write(f"# Made by tests/golden/{script}\n")
        for name, a in arrays.items():
            a = np.asarray(a, dtype=float)
            shape = " ".join(str(n) for n in a.shape)
            f.write(f"{name} {a.ndim} {shape}{' ' if shape else ''}: " + " ".join(repr(float(v)) for v in a.ravel()) + "\n")
