"""Numbers in [-1, 1) by a rule that tests/support/golden.hpp follows too, so that golden files need not hold inputs."""
import numpy as np


def numbers(stream, *extents):
    state, values = stream * 2654435761 % 2 ** 32, []
    for _ in range(int(np.prod(extents))):
        state = (state * 1664525 + 1013904223) % 2 ** 32
        values.append((state >> 8) / 2 ** 23 - 1)
    return np.array(values).reshape(extents)
