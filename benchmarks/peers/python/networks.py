"""Training steps and predictions in PyTorch, eager, float32. The other side is ours/network.hpp."""
import torch
import torch.nn.functional as F
from server import Workload
from torch import nn

peer = f"torch {torch.__version__.split('+')[0]}"
use_threads = torch.set_num_threads
workloads = {}


def load_parameters(net, store, name):
    values, at = torch.from_numpy(store.read(name + "-parameters", "float32")), 0
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(values[at:at + p.numel()].view_as(p))
            at += p.numel()
    assert at == len(values), f"{name}: {at} parameters here, {len(values)} in the file"


def network(name, make, shape, batch, loss, make_optimizer, target_shape):
    """NAME/train: zero_grad, forward, loss, backward, step on one batch in memory. NAME/predict and /predict1: eval and inference mode."""
    def inputs(store):
        x = torch.from_numpy(store.read(name + "-x", "float32", batch, *shape))
        if target_shape:
            return x, torch.from_numpy(store.read(name + "-target", "float32", batch, *target_shape))
        return x, torch.from_numpy(store.read(name + "-target", "int32", batch)).long()

    def train(store):
        x, target = inputs(store)
        net = make().train()
        parts = {}

        def reset(_):
            load_parameters(net, store, name)
            parts["optimizer"] = make_optimizer(net.parameters())

        def step():
            optimizer = parts["optimizer"]
            optimizer.zero_grad(set_to_none=True)
            value = loss(net(x), target)
            value.backward()
            optimizer.step()
            return value

        def check():
            losses = [float(step().detach()) for _ in range(5)]
            with torch.inference_mode():
                return losses, net.eval()(x).numpy()

        return Workload(step, reset, check)

    def predict(store, samples):
        x = inputs(store)[0][:samples].clone()
        net = make().eval()
        load_parameters(net, store, name)

        def call():
            with torch.inference_mode():
                return net(x)

        return Workload(call, check=lambda: [call().numpy()])

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
        self.maps = nn.ModuleList([nn.ModuleList([nn.Linear(s * s, h) for _ in range(3)]) for s, h in zip(sizes, self.widths)])
        self.head = nn.Linear((hidden // pool) * (3 // pool) * (levels // pool), 10)

    def forward(self, x):
        bands = []
        for _ in self.maps:
            if x.shape[-1] % 2:
                x = F.pad(x, (0, 1, 0, 1), mode="replicate")
            p, q, r, s = x[..., ::2, ::2], x[..., ::2, 1::2], x[..., 1::2, ::2], x[..., 1::2, 1::2]
            bands.append(((p + q - r - s) / 2, (p - q + r - s) / 2, (p - q - r + s) / 2))
            x = (p + q + r + s) / 2
        outs = []
        for level, width, band in zip(self.maps, self.widths, bands[::-1]):
            y = torch.stack([m(b.flatten(1)) for m, b in zip(level, band)], -1)
            outs.append(F.pad(y, (0, 0, self.hidden - width, 0)))
        y = torch.stack(outs, -1)[:, None]
        return self.head(F.max_pool3d(y, self.pool).flatten(1))


def adam(p):
    return torch.optim.Adam(p, lr=1e-4)


def sgd(p):
    return torch.optim.SGD(p, lr=0.1)


network("wavpool_fashion", WavPool, (1, 28, 28), 640, F.cross_entropy, sgd, None)
network("mlp_784_273_10", lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 273), nn.Linear(273, 10)), (1, 28, 28), 640, F.cross_entropy, sgd, None)
network("mlp_2_100_100_2", lambda: mlp(2, 100, 100, 2), (2,), 128, F.mse_loss, adam, (2,))
