"""Training steps and predictions in PyTorch, eager, float32. The other side is ours/network.hpp."""
import os
import sys
import time
import weakref
from collections import OrderedDict

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from server import Workload
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../tests/golden"))
from networks_torch import DeepSZ, ResNet, ResUNet, WavPoolCNN, convnet, halo3d, ive_encoder

peer = f"torch {torch.__version__.split('+')[0]}"
use_threads = torch.set_num_threads
workloads = {}


def load_weights(net, store, name, whose="ours"):
    """Strictly: a key too few or too many, or another shape, is an error."""
    net.load_state_dict(load_file(store.weights(name, whose)))


def write_weights(net, store, name):
    """As PyTorch starts them; norms away from the identity, so that nothing of theirs can be lost or exchanged."""
    for m in net.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            nn.init.uniform_(m.weight, 0.6, 1.4)
            nn.init.uniform_(m.bias, -0.3, 0.3)
            m.running_mean.normal_()
            m.running_var.uniform_(0.5, 1.5)
    save_file(net.state_dict(), store.weights(name, "theirs"))


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


def undropped(net):
    """Without dropout, whose numbers each side would draw for itself."""
    for m in net.modules():
        if hasattr(m, "drop"):
            m.drop = 0.0
    return net


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
                load_weights(net, store, name)
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

        def prepared(w):
            chosen, (w.call, w.reset, net, xs) = fastest(formats, prepare) if len(formats) > 1 else (formats[0], prepare(formats[0]))
            w.bytes = peak_bytes(net, (xs, target), w.call)
            w.note = str(chosen).removeprefix("torch.") if len(formats) > 1 else ""

        def steps(kind):
            net = undropped(make()).train().to(kind)
            load_weights(net, store, name)
            optimizer, losses, xs, t = make_optimizer(net.parameters()), [], x.to(kind), target.to(kind) if target_shape else target
            for _ in range(5):
                optimizer.zero_grad()
                losses.append(loss(net(xs), t))
                losses[-1].backward()
                optimizer.step()
            with torch.inference_mode():
                return torch.stack(losses).detach().numpy(), net.eval()(xs).numpy()

        return Workload(check=lambda _: steps(torch.float32), exact=lambda: steps(torch.float64), prepare=prepared)

    def predict(store, samples):
        x = inputs(store)[0][:samples].clone()

        def prepare(memory_format):
            net = make().eval().to(memory_format=memory_format)
            load_weights(net, store, name)
            xs = x.contiguous(memory_format=memory_format) if len(formats) > 1 else x

            def call():
                with torch.inference_mode():
                    return net(xs)
            return (call,)

        def prepared(w):
            chosen, (w.call,) = fastest(formats, prepare) if len(formats) > 1 else (formats[0], prepare(formats[0]))
            w.note = str(chosen).removeprefix("torch.") if len(formats) > 1 else ""

        def check(whose):
            torch.manual_seed(1)
            net = make().eval()
            if whose == "theirs":
                write_weights(net, store, name)
            else:
                load_weights(net, store, name)
            with torch.inference_mode():
                return [net(x).numpy()]

        return Workload(check=check, prepare=prepared)

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


class IVE(nn.Module):
    """A sample is a cube of 32 cells a side and a radius; the decoder sees the means of the latents: nothing is drawn."""

    def __init__(self, latents):
        super().__init__()
        self.latents = latents
        self.encoder = ive_encoder(latents)
        layers, i = [], latents + 1
        for o in (40, 40, 20):
            layers.append(nn.Sequential(nn.Linear(i, o), nn.LeakyReLU(0.03)))
            i = o
        self.decoder = nn.Sequential(OrderedDict((str(n), m) for n, m in enumerate([*layers, nn.Linear(i, 1)], 1)))

    def forward(self, x):
        latents = self.encoder(x[:, :-1].reshape(-1, 1, 32, 32, 32))
        return torch.cat([self.decoder(torch.cat([latents[:, :self.latents], x[:, -1:]], 1)), latents], 1)


def variational_loss(y, target):
    """Mean squared error, and the divergence of each latent from a normal one."""
    mean, log_variance = y[:, 1:].chunk(2, 1)
    return F.mse_loss(y[:, :1], target) + (log_variance.exp() + mean ** 2 - 1 - log_variance).sum(1).mean() / 2


def adam(p):
    return torch.optim.Adam(p, lr=1e-4)


def sgd(p):
    return torch.optim.SGD(p, lr=0.1)


network("wavpool_fashion", WavPool, (1, 28, 28), 640, F.cross_entropy, sgd, None)
network("wavpool_cnn_fashion", lambda: WavPoolCNN(28, 2, 15, 17, 10), (28, 28), 64, F.cross_entropy, sgd, None)
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
network("ive_32", lambda: IVE(3), (32 ** 3 + 1,), 16, variational_loss, adam, (1,))
