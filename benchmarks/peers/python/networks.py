"""Training steps and predictions in PyTorch, eager, float32. The other side is ours/network.hpp."""
import os
import sys
import time

import weakref

import torch
import torch.nn.functional as F
from server import Workload
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../tests/golden"))
from networks_torch import DeepSZ, ResNet, ResUNet, convnet, halo3d, ive_encoder

peer = f"torch {torch.__version__.split('+')[0]}"
use_threads = torch.set_num_threads
workloads = {}


def load_parameters(net, store, name):
    """By name: the other side's order is its own."""
    values, named, at = torch.from_numpy(store.read(name + "-parameters", "float32")), dict(net.named_parameters()), 0
    with torch.no_grad():
        for path in store.read_text(name + "-names").split():
            p = named.pop(path)
            p.copy_(values[at:at + p.numel()].view_as(p))
            at += p.numel()
    assert at == len(values) and not named, f"{name}: {at} parameters here, {len(values)} in the file; not in the file: {list(named)}"
    for m in net.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.reset_running_stats()


class PeakBytes(TorchDispatchMode):
    """The most bytes that tensors made under it hold at once; what oneDNN takes for itself inside an operation is not seen."""

    def __init__(self):
        super().__init__()
        self.now, self.peak, self.alive = 0, 0, set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        for t in torch.utils._pytree.tree_leaves(out):
            if isinstance(t, torch.Tensor):
                self.follow(t.untyped_storage())
        return out

    def follow(self, storage):
        where, size = storage.data_ptr(), storage.nbytes()
        if size == 0 or where in self.alive:
            return
        self.alive.add(where)
        self.now += size
        self.peak = max(self.peak, self.now)

        def gone():
            self.alive.discard(where)
            self.now -= size
        weakref.finalize(storage, gone)


def peak_bytes(net, inputs, step):
    """Of a training step, parameters and the optimiser's state included."""
    with PeakBytes() as seen:
        for t in [*net.parameters(), *net.buffers(), *inputs]:
            seen.follow(t.untyped_storage())
        step()
        step()
    return seen.peak


def random_parts(net):
    return any(getattr(m, "drop", 0) or isinstance(m, nn.Dropout) for m in net.modules())


def fastest(formats, prepare):
    """The prepared call that takes the least time, of one for every memory format; two calls warm up."""
    best = None
    for f in formats:
        parts = prepare(f)
        call, seconds = parts[0], []
        for _ in range(4):
            start = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - start)
        if best is None or min(seconds[2:]) < best[0]:
            best = (min(seconds[2:]), f, parts)
    return best[1], best[2]


def network(name, make, shape, batch, loss, make_optimizer, target_shape, formats=(torch.contiguous_format,)):
    """NAME/train: zero_grad, forward, loss, backward, step on one batch in memory. NAME/predict and /predict1: eval and inference mode.
    Of the memory formats, the fastest for each of the three."""
    def inputs(store):
        x = torch.from_numpy(store.read(name + "-x", "float32", batch, *shape))
        if target_shape:
            return x, torch.from_numpy(store.read(name + "-target", "float32", batch, *target_shape))
        return x, torch.from_numpy(store.read(name + "-target", "int32", batch)).long()

    def train(store):
        x, target = inputs(store)

        def prepare(memory_format):
            net, parts = make().train().to(memory_format=memory_format), {}
            xs = x.contiguous(memory_format=memory_format) if len(formats) > 1 else x

            def reset(_):
                load_parameters(net, store, name)
                parts["optimizer"] = make_optimizer(net.parameters())

            def step():
                optimizer = parts["optimizer"]
                optimizer.zero_grad(set_to_none=True)
                value = loss(net(xs), target)
                value.backward()
                optimizer.step()
                return value

            reset(0)
            return step, reset, net, xs

        chosen, (step, reset, net, xs) = fastest(formats, prepare) if len(formats) > 1 else (formats[0], prepare(formats[0]))

        def check():
            if random_parts(net):   # each side draws its own
                return [[]]
            losses = [float(step().detach()) for _ in range(5)]
            with torch.inference_mode():
                return losses, net.eval()(xs).numpy()

        w = Workload(step, reset, check)
        w.note = f"{peak_bytes(net, (xs, target), step) / 2**20:.1f} MiB" + (", " + str(chosen).removeprefix("torch.") if len(formats) > 1 else "")
        return w

    def predict(store, samples):
        x = inputs(store)[0][:samples].clone()

        def prepare(memory_format):
            net = make().eval().to(memory_format=memory_format)
            load_parameters(net, store, name)
            xs = x.contiguous(memory_format=memory_format) if len(formats) > 1 else x

            def call():
                with torch.inference_mode():
                    return net(xs)
            return (call,)

        chosen, (call,) = fastest(formats, prepare) if len(formats) > 1 else (formats[0], prepare(formats[0]))
        w = Workload(call, check=lambda: [call().numpy()])
        w.note = str(chosen).removeprefix("torch.") if len(formats) > 1 else ""
        return w

    workloads[name + "/train"] = train
    workloads[name + "/predict"] = lambda store: predict(store, batch)
    workloads[name + "/predict1"] = lambda store: predict(store, 1)


def mlp(*widths):
    layers = []
    for i in range(len(widths) - 1):
        layers += [nn.Linear(widths[i], widths[i + 1]), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class WavPool(nn.Module):
    """28x28, hidden 268 scaled per level, pooling 2 (186,722 parameters); the Haar transform in torch."""

    def __init__(self, side=28, hidden=268, levels=4, pool=2):
        super().__init__()
        sizes = []
        for _ in range(levels):
            side = -(-side // 2)
            sizes.append(side)
        sizes.reverse()
        self.hidden, self.pool = hidden, pool
        self.widths = [hidden // (i + 1) for i in range(levels)][::-1]
        self.add_module("0", nn.ModuleList([nn.ModuleList([nn.Linear(s * s, h) for _ in range(3)]) for s, h in zip(sizes, self.widths)]))
        self.add_module("3", nn.Linear((hidden // pool) * (3 // pool) * (levels // pool), 10))

    def forward(self, x):
        maps, head = getattr(self, "0"), getattr(self, "3")
        bands = []
        for _ in maps:
            if x.shape[-1] % 2:
                x = F.pad(x, (0, 1, 0, 1), mode="replicate")
            p, q, r, s = x[..., ::2, ::2], x[..., ::2, 1::2], x[..., 1::2, ::2], x[..., 1::2, 1::2]
            bands.append(((p + q - r - s) / 2, (p - q + r - s) / 2, (p - q - r + s) / 2))
            x = (p + q + r + s) / 2
        outs = []
        for level, width, band in zip(maps, self.widths, bands[::-1]):
            y = torch.stack([m(b.flatten(1)) for m, b in zip(level, band)], -1)
            outs.append(F.pad(y, (0, 0, self.hidden - width, 0)))
        y = torch.stack(outs, -1)[:, None]
        return head(F.max_pool3d(y, self.pool).flatten(1))


def adam(p):
    return torch.optim.Adam(p, lr=1e-4)


def sgd(p):
    return torch.optim.SGD(p, lr=0.1)


network("wavpool_fashion", WavPool, (1, 28, 28), 640, F.cross_entropy, sgd, None)
network("mlp_784_273_10", lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 273), nn.Linear(273, 10)), (1, 28, 28), 640, F.cross_entropy, sgd, None)
network("mlp_2_100_100_2", lambda: mlp(2, 100, 100, 2), (2,), 128, F.mse_loss, adam, (2,))

two, three = (torch.contiguous_format, torch.channels_last), (torch.contiguous_format, torch.channels_last_3d)
network("convnet_100", lambda: convnet(8, 96, 256), (3, 100, 100), 128, F.cross_entropy, adam, None, two)
network("resnet18_100", lambda: ResNet(64, (2, 2, 2, 2), False, 256, 0.5), (3, 100, 100), 32, F.cross_entropy, adam, None, two)
network("resnet50_224", lambda: ResNet(64, (3, 4, 6, 3), True), (3, 224, 224), 8, F.cross_entropy, adam, None, two)
network("deepsz_32", lambda: DeepSZ(64, 256), (3, 32, 32), 64, F.cross_entropy, adam, None, two)
network("resunet_128", lambda: ResUNet(64, 0.3), (2, 128, 128), 4, F.mse_loss, adam, (2, 128, 128), two)
network("halo3d_19", lambda: halo3d(19, (8, 8, 16)), (1, 19, 19, 19), 64, F.mse_loss, adam, (1,), three)
network("halo3d_37", lambda: halo3d(37, (16, 16, 32, 64)), (1, 37, 37, 37), 16, F.mse_loss, adam, (1,), three)
network("halo3d_75", lambda: halo3d(75, (32, 32, 64, 128, 128, 128)), (1, 75, 75, 75), 2, F.mse_loss, adam, (1,), three)
network("ive_encoder_32", lambda: ive_encoder(3), (1, 32, 32, 32), 16, F.mse_loss, adam, (6,), three)
