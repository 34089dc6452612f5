"""The comparisons: which workload, beside which peers, and what a call of it does."""


class Comparison:
    """One workload. `least` is what the lower quartile of the ratios reaches at least, by peer; `work` is (operations, unit) of one
    call, where unit names the machine's peak that it is held against; `tolerance` is for the check, relative to the largest number."""

    def __init__(self, name, peers, least=None, work=None, tolerance=1e-4, threads=None, pairs=0, backend="native<float>", share_of_peak=None):
        self.name, self.peers, self.least, self.work, self.tolerance = name, peers, least or {}, work, tolerance
        self.threads, self.pairs, self.backend, self.share_of_peak = threads, pairs, backend, share_of_peak


def dense(batch, *widths, train):
    """Floating-point operations of a chain of dense layers: forward, and the gradients of weights and inputs (the first input has none)."""
    layers = [2.0 * batch * i * o for i, o in zip(widths, widths[1:])]
    return (3 * sum(layers) - layers[0]) if train else sum(layers)


def wavpool(batch, train):
    """The twelve dense maps and the head, those that floor pooling drops included."""
    maps = sum(3 * 2.0 * batch * n * n * h for n, h in ((2, 67), (4, 89), (7, 134), (14, 268)))
    head = 2.0 * batch * 268 * 10
    return 2 * maps + 3 * head if train else maps + head


FLOAT, DOUBLE, TRIAD = "fma_float", "fma_double", "triad"
T = "networks"

comparisons = [
    Comparison("wavpool_fashion/train", [T], {T: 4.5}, (wavpool(640, True), FLOAT)),
    Comparison("wavpool_fashion/predict", [T], {T: 5}, (wavpool(640, False), FLOAT)),
    Comparison("wavpool_fashion/predict1", [T], {T: 30}, (wavpool(1, False), FLOAT)),
    Comparison("mlp_2_100_100_2/train", [T], {T: 5}, (dense(128, 2, 100, 100, 2, train=True), FLOAT)),
    Comparison("mlp_2_100_100_2/predict", [T], {}, (dense(128, 2, 100, 100, 2, train=False), FLOAT)),
    Comparison("mlp_2_100_100_2/predict1", [T], {T: 30}, (dense(1, 2, 100, 100, 2, train=False), FLOAT)),
    Comparison("mlp_784_273_10/train", [T], {T: 1.0}, (dense(640, 784, 273, 10, train=True), FLOAT), share_of_peak=0.85),
    Comparison("mlp_784_273_10/train_reassociated", [T], {T: 8}, (dense(640, 784, 273, 10, train=True), FLOAT)),
    Comparison("mlp_784_273_10/predict", [T], {}, (dense(640, 784, 273, 10, train=False), FLOAT)),
    Comparison("mlp_784_273_10/predict1", [T], {}, (dense(1, 784, 273, 10, train=False), FLOAT)),
]
