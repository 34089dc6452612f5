"""The comparisons: which workload, beside which peers, and what a call of it does."""


class Comparison:
    """One workload. `least` is what the lower quartile of the ratios reaches at least, by peer; `work` is (operations, unit) of one
    call, where unit names the machine's peak that it is held against; `tolerance` is for the check of `what` both compute, relative to
    its root mean square; of training steps that is the predictions after them, and the losses have `losses_tolerance`. `beside` is the
    peers' name of the workload where ours has another: other rewrites, another backend. `check_only` is not timed. `least_memory`: ours may hold no more than the peer."""

    def __init__(self, name, peers, least=None, work=None, tolerance=1e-4, threads=None, pairs=0, backend="native<float>", share_of_peak=None, beside=None,
                 what="predictions", losses=None, losses_tolerance=1e-4, check_only=False, least_memory=False):
        self.name, self.peers, self.least, self.work, self.tolerance, self.beside = name, peers, least or {}, work, tolerance, beside or name
        self.threads, self.pairs, self.backend, self.share_of_peak = threads, pairs, backend, share_of_peak
        self.losses = (5 if "/train" in name else 0) if losses is None else losses
        self.what, self.losses_tolerance, self.check_only = what + (" after them" if self.losses else ""), losses_tolerance, check_only
        self.least_memory = least_memory

    def limit(self, what):
        return self.losses_tolerance if what == "losses" else self.tolerance


def dense(batch, *widths, train):
    """Floating-point operations of a chain of dense layers: forward, and the gradients of weights and inputs (the first input has none)."""
    layers = [2.0 * batch * i * o for i, o in zip(widths, widths[1:])]
    return (3 * sum(layers) - layers[0]) if train else sum(layers)


def wavpool(batch, train):
    """The twelve dense maps and the head, those that floor pooling drops included."""
    maps = sum(3 * 2.0 * batch * n * n * h for n, h in ((2, 67), (4, 89), (7, 134), (14, 268)))
    head = 2.0 * batch * 268 * 10
    return 2 * maps + 3 * head if train else maps + head


def dwt(coefficients, samples, width):
    """Bytes read and written once."""
    return float(coefficients + samples) * width


FLOAT, DOUBLE, TRIAD = "fma_float", "fma_double", "triad"
DLIB, RLTOOLS, RTNEURAL, MLPACK = "dlib", "rltools", "rtneural", "mlpack"
NETS, DQN, ADAM, DWT, EM, MI = "networks", "double_dqn", "adam", "wavelets", "mixtures", "information"
ALONE = "alone"   # ours beside nobody
q_forward, q_train = dense(128, 40, 128, 128, 50, train=False), dense(128, 40, 128, 128, 50, train=True)
small, linear = (2, 100, 100, 2), (784, 273, 10)

# Convolutional networks: batch, least ratio in training, products of a sample in direct sums forward and in a step. Winograd's tiles do
# fewer, so what they achieve may exceed a peak. After five steps in
# float32 one value at the kink of a ReLU or one tie in a pool may have gone the other way, and Adam, which divides gradients by their
# size, carries that into everything: PyTorch with weights a rounding away is up to 0.03 of the rms off its own float64. So float32 is held
# to a little more than that, and double precision, in --check, to eight digits.
STEPS = {"tolerance": 5e-2, "losses_tolerance": 1e-2}
DEEPSZ_STEPS = {"tolerance": 2e-1, "losses_tolerance": 1e-2}   # PyTorch's float32 is 0.06 and 0.005 off its float64
CONVOLUTIONAL = {
    "convnet_100": (128, 1.3, 12940416, 32821248),
    "resnet18_100": (32, 1.3, 441394688, 1300664064),
    "resnet50_224": (8, 1.1, 4087142400, 12143413248),
    "deepsz_32": (64, 1.2, 73662976, 219219456),
    "resunet_128": (4, 2, 32285655040, 96804536320),
    "halo3d_19": (64, 1.5, 17334792, 50522832),
    "halo3d_37": (16, 1.8, 524191344, 1550691936),
    "halo3d_75": (2, 2, 17078384800, 50870654400),
    "ive_encoder_32": (16, 1.5, 53096448, 145133568),
}


def convolutional():
    for name, (batch, least, forward, step) in CONVOLUTIONAL.items():
        yield Comparison(name + "/train", [NETS], {NETS: least}, (2.0 * batch * step, FLOAT), least_memory=True, **(DEEPSZ_STEPS if name == "deepsz_32" else STEPS))
        yield Comparison(name + "/predict", [NETS], {NETS: least}, (2.0 * batch * forward, FLOAT))
        yield Comparison(name + "/predict1", [NETS], {NETS: least}, (2.0 * forward, FLOAT))


comparisons = [
    Comparison("wavpool_fashion/train", [NETS], {NETS: 4.5}, (wavpool(640, True), FLOAT)),
    Comparison("wavpool_fashion/predict", [NETS], {NETS: 5}, (wavpool(640, False), FLOAT)),
    Comparison("wavpool_fashion/predict1", [NETS], {NETS: 30}, (wavpool(1, False), FLOAT)),
    Comparison("mlp_2_100_100_2/train", [NETS], {NETS: 5}, (dense(128, *small, train=True), FLOAT)),
    Comparison("mlp_2_100_100_2/predict", [NETS], {}, (dense(128, *small, train=False), FLOAT)),
    Comparison("mlp_2_100_100_2/predict1", [NETS], {NETS: 30}, (dense(1, *small, train=False), FLOAT)),
    Comparison("mlp_784_273_10/train", [NETS], {NETS: 1.0}, (dense(640, *linear, train=True), FLOAT), share_of_peak=0.85),
    Comparison("mlp_784_273_10/train_reassociated", [NETS], {NETS: 8}, (dense(640, *linear, train=True), FLOAT), beside="mlp_784_273_10/train"),
    Comparison("mlp_784_273_10/predict", [NETS], {}, (dense(640, *linear, train=False), FLOAT)),
    Comparison("mlp_784_273_10/predict1", [NETS], {}, (dense(1, *linear, train=False), FLOAT)),
    *convolutional(),
    *(Comparison(f"{name}/{call}", [NETS], check_only=True, **(STEPS if call == "train" else {})) for name in ("wavpool_cnn_fashion", "ive_32") for call in ("train", "predict", "predict1")),
    Comparison("double_dqn_update", [DQN], {DQN: 3.5}, (2 * q_forward + q_train, FLOAT), losses=5),
    Comparison("dwt_db1_640x28x28", [DWT], {DWT: 15}, (dwt(511360, 640 * 784, 4), TRIAD), what="coefficients"),
    Comparison("dwt_db4_64x256x256", [DWT], {DWT: 7}, (dwt(4610176, 64 * 65536, 4), TRIAD), what="coefficients"),
    Comparison("dwt_db4_1048576", [DWT], {DWT: 3}, (dwt(1048626, 1 << 20, 8), TRIAD), backend="native<double>", what="coefficients"),
    Comparison("dwt_db2_64x64x64", [DWT], {DWT: 10}, (dwt(300383, 64**3, 4), TRIAD), what="coefficients"),
    Comparison("adam_1e7", [ADAM], {}, (7 * 4e7, TRIAD), share_of_peak=0.8, what="parameters"),   # p, m, v read and written, g read
    # parameters after fifty iterations
    Comparison("gmm_em_1e5_k5_d2_50iter", [EM], {EM: 50}, tolerance=1e-8, backend="native<double>", what="parameters"),
    Comparison("gmm_em_2e4_k10_d8_50iter", [EM], {EM: 12}, tolerance=1e-8, backend="native<double>", what="parameters"),
    Comparison("gmm_em_1e5_k5_d2_50iter_float", [EM], beside="gmm_em_1e5_k5_d2_50iter", tolerance=1e-3, what="parameters"),
    Comparison("gmm_em_2e4_k10_d8_50iter_float", [EM], beside="gmm_em_2e4_k10_d8_50iter", tolerance=1e-2, what="parameters"),
    # each of the five sets twice; both sides draw random numbers, so there is nothing to compare but the notes
    Comparison("mutual_information_d3_n10000_k3", [MI], {MI: 40}, pairs=10, backend="native<double>"),
    Comparison("mutual_information_d3_n10000", [MI], {MI: 30}, pairs=10, backend="native<double>"),
    Comparison("mutual_information_gaussian_n200", [MI], backend="native<double>"),
    Comparison("mutual_information_matrix_3x13_n4332", [ALONE], backend="native<double>"),
    *(Comparison(f"gmm_em_k5_d2_10iter_n{n}", [ALONE], backend="native<double>") for n in (1_000, 10_000, 100_000, 1_000_000, 10_000_000)),
    # one thread beside libraries in C++
    Comparison("mlp_2_100_100_2/train", [RLTOOLS, DLIB, MLPACK], {RLTOOLS: 1.0}, (dense(128, *small, train=True), FLOAT), threads=1),
    Comparison("mlp_784_273_10/train", [DLIB, MLPACK], {}, (dense(640, *linear, train=True), FLOAT), threads=1),
    Comparison("double_dqn_update", [RLTOOLS], {RLTOOLS: 1.0}, (2 * q_forward + q_train, FLOAT), threads=1, losses=5),
    Comparison("mlp_2_100_100_2/predict1", [RTNEURAL, RLTOOLS, DLIB, MLPACK], {RTNEURAL: 1.0}, (dense(1, *small, train=False), FLOAT), threads=1),
    Comparison("mlp_784_273_10/predict1_as_written", [RTNEURAL, RLTOOLS, DLIB, MLPACK], {RTNEURAL: 1.0}, (dense(1, *linear, train=False), FLOAT), threads=1,
               beside="mlp_784_273_10/predict1"),
]
