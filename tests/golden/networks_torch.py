"""The papers' networks in PyTorch, with the names of torchvision's and of ours: make_networks.py makes golden files with them,
benchmarks/peers/python/networks.py times them."""
import torch
from torch import nn
import torch.nn.functional as F


def convnet(width, side, latent):
    layers, i = [], 3
    for o, k in ((width, 5), (2 * width, 3), (4 * width, 3)):
        layers += [nn.Conv2d(i, o, k, padding=k // 2), nn.BatchNorm2d(o), nn.ReLU(), nn.MaxPool2d(2)]
        i = o
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(i * (side // 8) ** 2, latent), nn.Linear(latent, 3))


class Block(nn.Module):
    """torchvision's BasicBlock and Bottleneck."""
    def __init__(self, i, convs, stride, projected):
        super().__init__()
        self.count = len(convs)
        out = convs[-1][0]
        for n, (o, k, s) in enumerate(convs, 1):
            setattr(self, f"conv{n}", nn.Conv2d(i if n == 1 else convs[n - 2][0], o, k, s, k // 2, bias=False))
            setattr(self, f"bn{n}", nn.BatchNorm2d(o))
        if projected:
            self.downsample = nn.Sequential(nn.Conv2d(i, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        y = x
        for n in range(1, self.count + 1):
            y = getattr(self, f"bn{n}")(getattr(self, f"conv{n}")(y))
            if n < self.count:
                y = F.relu(y)
        return F.relu(y + (self.downsample(x) if hasattr(self, "downsample") else x))


def stage(i, w, n, s, bottleneck, stride_first=False):
    blocks = []
    for j in range(n):
        t = s if j == 0 else 1
        convs = [(w, 1, t if stride_first else 1), (w, 3, 1 if stride_first else t), (4 * w, 1, 1)] if bottleneck else [(w, 3, t), (w, 3, 1)]
        out = convs[-1][0]
        blocks.append(Block(i, convs, t, j == 0 and (i != out or t != 1)))
        i = out
    return nn.Sequential(*blocks), i


class ResNet(nn.Module):
    def __init__(self, width, blocks, bottleneck, latent=None, drop=0.0):
        super().__init__()
        self.drop = drop
        self.conv1, self.bn1 = nn.Conv2d(3, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width)
        i = width
        for n, count in enumerate(blocks):
            layer, i = stage(i, width << n, count, 1 if n == 0 else 2, bottleneck)
            setattr(self, f"layer{n + 1}", layer)
        if latent:
            self.bottleneck, i = nn.Linear(i, latent), latent
        self.fc = nn.Linear(i, 3)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = F.dropout(self.layer4(self.layer3(self.layer2(self.layer1(x)))), self.drop, self.training).mean((2, 3))
        return self.fc(self.bottleneck(x) if hasattr(self, "bottleneck") else x)


class DeepSZ(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        stem = [nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, width, 3, 2, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(2)]
        for n, m in enumerate(stem):
            self.add_module(str(n), m)
        self.stem, i = [str(n) for n in range(len(stem))], width
        for n, (count, s) in enumerate(((3, 1), (4, 2), (6, 2))):
            layer, i = stage(i, width << n, count, s, True, True)
            setattr(self, f"layer{n + 1}", layer)
        self.norm = nn.BatchNorm1d(i * 4)
        self.fc1, self.fc2, self.fc3 = nn.Linear(i * 4, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, 2)

    def forward(self, x):
        for n in self.stem:
            x = getattr(self, n)(x)
        x = self.norm(self.layer3(self.layer2(self.layer1(x))).flatten(1))
        return F.relu(self.fc3(F.relu(self.fc2(F.relu(self.fc1(x))))))


class CB(nn.Module):
    """Dropout, convolution, SELU, norm; after an upsampling by two if so asked."""
    def __init__(self, i, f, s=1, up=False, drop=0.0):
        super().__init__()
        self.up, self.drop = up, drop
        self.conv, self.bn = nn.Conv2d(i, f, 5, s, 2), nn.BatchNorm2d(f, eps=1e-3, momentum=0.01)

    def forward(self, x):
        x = F.interpolate(x, scale_factor=2) if self.up else x
        return self.bn(F.selu(self.conv(F.dropout(x, self.drop, self.training))))


def norm(c):
    return nn.BatchNorm2d(c, eps=1e-3, momentum=0.01)


class Unit(nn.Module):
    def __init__(self, i, f, g, s=1, drop=0.0, first=False):
        super().__init__()
        self.a, self.b = CB(i, f, drop=0.0 if first else drop), CB(f, g, s, drop=drop)
        self.short = nn.Conv2d(i, g, 1, s) if i != g or s > 1 else nn.Identity()
        self.bn = norm(g)

    def forward(self, x):
        a = self.a(x)
        return self.bn(self.short(x)) + self.b(a), a


class ResUNet(nn.Module):
    def __init__(self, w, drop=0.0):
        super().__init__()
        self.drop = drop
        self.e1, self.e2, self.e3 = Unit(2, w, w, 1, drop, True), Unit(w, w, 2 * w, 2, drop), Unit(2 * w, 2 * w, 2 * w, 1, drop)
        self.br1, self.br2, self.br_bn = CB(2 * w, 4 * w, 2, False, drop), CB(4 * w, 2 * w, 1, True, drop), norm(2 * w)
        self.d1 = Unit(4 * w, 2 * w, 2 * w, 1, drop)
        self.d2u, self.d2c, self.d2s, self.d2bn = CB(2 * w, w, 1, True, drop), CB(2 * w, w, 1, False, drop), nn.Conv2d(2 * w, w, 1), norm(w)
        self.d3 = CB(w, w, 1, False, drop)
        self.heads = nn.ModuleList([nn.ModuleList([CB(w, w, 1, False, drop), norm(w), CB(w, w, 1, False, drop), nn.Conv2d(w, 1, 5, padding=2), norm(1)]) for _ in range(2)])

    def forward(self, x):
        x, _ = self.e1(x)
        x, s1 = self.e2(x)
        x, _ = self.e3(x)
        s2 = x
        x = self.br_bn(x) + self.br2(self.br1(x))
        x, _ = self.d1(torch.cat([x, s2], 1))
        d2 = self.d2bn(self.d2s(F.interpolate(x, scale_factor=2))) + self.d2c(torch.cat([self.d2u(x), s1], 1))
        x = self.d3(d2)
        return torch.cat([bo(c(F.dropout(h2(h1(x) + bn(d2)), self.drop, self.training))) for h1, bn, h2, c, bo in self.heads], 1)


def halo_block(i, o, pooled):
    layers = [nn.Conv3d(i, o, 3, padding=1), nn.LeakyReLU(0.03)]
    return nn.Sequential(*layers, *([nn.MaxPool3d(2, ceil_mode=True)] if pooled else []))


def halo3d(side, channels):
    layers, i = [], 1
    for j, c in enumerate(channels):
        layers.append(halo_block(i, c, j > 0))
        side, i = (-(-side // 2) if j else side), c
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(side ** 3 * i, 256), nn.LeakyReLU(0.03), nn.Linear(256, 128), nn.LeakyReLU(0.03), nn.Linear(128, 1))


def ive_encoder(latents):
    """For cubes of 32 cells a side."""
    blocks = [halo_block(1, 16, True), halo_block(16, 16, True), halo_block(16, 32, True), halo_block(32, 32, False), halo_block(32, 32, False)]
    return nn.Sequential(*blocks, nn.Flatten(), nn.Linear(32 * 64, 2 * latents))


class IVE(nn.Module):
    def __init__(self, latents):
        super().__init__()
        self.latents = latents
        self.encoder = nn.ModuleList([nn.Identity(), halo_block(1, 2, True), halo_block(2, 3, False), nn.Flatten(), nn.Linear(3 * 27, 2 * latents)])
        del self.encoder[0]
        self.decoder = nn.ModuleDict({"1": nn.Sequential(nn.Linear(latents + 1, 5), nn.LeakyReLU(0.03)), "2": nn.Linear(5, 1)})

    def forward(self, cube, radius):
        for m in self.encoder:
            cube = m(cube)
        z = torch.cat([cube[:, :self.latents], radius], 1)
        return torch.cat([self.decoder["2"](self.decoder["1"](z)), cube], 1)


class WavPoolCNN(nn.Module):
    def __init__(self, side, k, a, b, classes):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, a, k, padding=1, bias=False), nn.BatchNorm2d(a)
        self.conv2, self.bn2 = nn.Conv2d(a, b, k, padding=1, bias=False), nn.BatchNorm2d(b)
        self.fc = nn.Linear(b * (side + 2 * (3 - k)) ** 2, classes)

    def forward(self, x):
        x = F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x[:, None]))))))
        return self.fc(x.flatten(1))
