#!/usr/bin/env python3
"""Layers in PyTorch for tests/nn/pytorch_layers.cpp: outputs y, the gradients of sum(y r) and what norms remember. Needs torch and safetensors.
Usage: python3 make_layers.py, in tests/golden/. Inputs, r and parameters are numbers by rule; computed in double, kept in float."""
import math

import torch
from safetensors.torch import save_file
from torch import nn
import torch.nn.functional as F

from rule import numbers

torch.set_default_dtype(torch.float64)
arrays = {}


class Heads(nn.Module):
    """Several layers on one input, their outputs one behind the other."""
    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x):
        return torch.cat([m(x).flatten(1) for m in self.layers], 1)


def each(v, axes):
    return v if isinstance(v, tuple) else (v,) * axes


class Same(nn.Module):
    """A convolution or a pooling with TensorFlow's padding="same": ceil(n / s) results, and of the padding the odd element behind."""
    def __init__(self, m, mode="constant"):
        super().__init__()
        self.m, self.mode = m, mode

    def forward(self, x):
        m, axes, pads = self.m, x.dim() - 2, []
        for n, k, s, d in zip(x.shape[2:], each(m.kernel_size, axes), each(m.stride, axes), each(getattr(m, "dilation", 1), axes)):
            total = max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
            pads = [total // 2, total - total // 2] + pads
        if "Max" in type(m).__name__:
            return m(F.pad(x, pads, value=-math.inf))
        if "Avg" in type(m).__name__:   # the mean of what is inside
            return m(F.pad(x, pads)) / m(F.pad(torch.ones_like(x), pads))
        return m(F.pad(x, pads, self.mode))


def layer(name, m, *extents, passes=()):
    """y, dx, dp; of norms, with streams of inputs for passes before this one, also mean, variance, count and what inference makes of x then."""
    m.train()
    at = 0
    for p in m.parameters():
        at += p.numel()
    p = torch.tensor(numbers(3, at))
    at = 0
    for q in m.parameters():
        q.data = p[at:at + q.numel()].reshape(q.shape).clone()
        at += q.numel()
    for stream in passes:
        m(torch.tensor(numbers(stream, *extents)))
    x = torch.tensor(numbers(1, *extents)).requires_grad_()
    y = m(x)
    (y * torch.tensor(numbers(2, *y.shape))).sum().backward()
    parts = [y.detach(), x.grad] + [q.grad for q in m.parameters()]
    if passes:
        parts += [m.running_mean, m.running_var, m.num_batches_tracked]
        m.eval()
        parts.append(m(x).detach())
    arrays[name] = torch.cat([t.double().flatten() for t in parts]).float()
    print(name, tuple(y.shape), arrays[name].numel(), "numbers")


layer("pools_1d_even", Heads(
    nn.MaxPool1d(3, 2, 1, ceil_mode=True), nn.AvgPool1d(3, 2, 1, ceil_mode=True), nn.AvgPool1d(3, 2, 1, ceil_mode=True, count_include_pad=False),
    nn.MaxPool1d(2, 3), nn.MaxPool1d(3, ceil_mode=True), nn.AvgPool1d(3, ceil_mode=True), nn.AvgPool1d(3),
    nn.AdaptiveAvgPool1d(1), nn.AdaptiveMaxPool1d(1)), 2, 3, 8)
layer("pools_1d_odd", Heads(
    nn.MaxPool1d(4, 3, 2, ceil_mode=True), nn.MaxPool1d(4, 3, 2), nn.AvgPool1d(4, 3, 2, ceil_mode=True), nn.AvgPool1d(4, 3, 2),
    nn.AvgPool1d(4, 3, 2, ceil_mode=True, count_include_pad=False), nn.AvgPool1d(5, 1, 2, count_include_pad=False)), 3, 2, 11)
layer("pools_2d", Heads(
    nn.AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False), nn.AvgPool2d((3, 4), (2, 3), (1, 2), count_include_pad=False),
    nn.MaxPool2d((3, 4), (2, 3), (1, 2)), nn.AdaptiveAvgPool2d(1), nn.AdaptiveMaxPool2d(1)), 2, 3, 8, 7)
layer("pools_3d", Heads(
    nn.MaxPool3d((2, 3, 3), (2, 1, 2), (1, 1, 0), ceil_mode=True), nn.MaxPool3d(2, ceil_mode=True), nn.MaxPool3d(2), nn.MaxPool3d(3, 2, 1),
    nn.AvgPool3d(3, 2, 1, ceil_mode=True), nn.AvgPool3d((3, 2, 3), (2, 2, 1), (1, 0, 1), ceil_mode=True, count_include_pad=False),
    nn.AvgPool3d(2, ceil_mode=True), nn.AvgPool3d((1, 3, 2), (1, 2, 2), (0, 1, 1)), nn.AdaptiveAvgPool3d(1), nn.AdaptiveMaxPool3d(1)), 2, 2, 5, 4, 7)
layer("same_1d", Heads(Same(nn.MaxPool1d(3, 2)), Same(nn.AvgPool1d(3, 2)), Same(nn.Conv1d(2, 3, 3, 2)), Same(nn.Conv1d(2, 1, 4, 3, dilation=2)), Same(nn.Conv1d(2, 2, 4))), 2, 2, 8)
layer("same_2d", Heads(
    Same(nn.MaxPool2d(3, 2)), Same(nn.AvgPool2d(3, 2)), Same(nn.MaxPool2d(2)), Same(nn.AvgPool2d(2)), Same(nn.AvgPool2d((5, 2), (3, 1))),
    Same(nn.Conv2d(2, 3, 3, 2)), Same(nn.Conv2d(2, 2, (5, 4), (2, 3), groups=2)), Same(nn.Conv2d(2, 1, (2, 1), 3)), Same(nn.Conv2d(2, 1, 3, 2), "circular")), 2, 2, 8, 7)
layer("same_3d", Heads(Same(nn.MaxPool3d((2, 3, 3), (1, 2, 2))), Same(nn.AvgPool3d((2, 3, 3), (1, 2, 2))), Same(nn.Conv3d(1, 2, 3, (2, 2, 1)))), 2, 1, 4, 6, 5)
layer("transposed_1d", Heads(nn.ConvTranspose1d(4, 6, 4, 2, 1, 1, groups=2), nn.ConvTranspose1d(4, 3, 3, 3, 2, 2, bias=False, dilation=2)), 2, 4, 5)
layer("transposed_3d", Heads(nn.ConvTranspose3d(4, 3, 3, 2, 1, (1, 0, 1)), nn.ConvTranspose3d(4, 2, (2, 3, 1), (2, 1, 2), (0, 1, 0), (0, 0, 1), groups=2)), 1, 4, 2, 3, 2)
layer("upsampled_1d", Heads(nn.Upsample(scale_factor=3), nn.Upsample(scale_factor=3, mode="linear"), nn.ConstantPad1d((2, 1), 0.0), nn.CircularPad1d((3, 2))), 2, 3, 4)
layer("upsampled_2d", Heads(nn.Upsample(scale_factor=(3, 2)), nn.ZeroPad2d((0, 3, 2, 1)), nn.CircularPad2d((4, 1, 0, 2))), 2, 2, 3, 5)
layer("upsampled_3d", Heads(nn.Upsample(scale_factor=(2, 1, 3)), nn.ConstantPad3d((1, 0, 0, 2, 3, 1), 0.0), nn.CircularPad3d((1, 2, 3, 0, 0, 1))), 1, 2, 2, 3, 2)
# among convolutions of many channels, whose storage is another
layer("stack_1d", nn.Sequential(nn.Conv1d(2, 19, 3, padding=1), nn.MaxPool1d(3, 2, 1, ceil_mode=True), nn.AvgPool1d(3, 2, 1, ceil_mode=True, count_include_pad=False),
                                nn.ConvTranspose1d(19, 17, 3, 2, 1, 1), nn.Upsample(scale_factor=2), Same(nn.Conv1d(17, 2, 3, 2))), 3, 2, 15)
layer("stack_3d", nn.Sequential(nn.Conv3d(1, 17, (1, 3, 3), padding=(0, 1, 1)), nn.MaxPool3d(2, ceil_mode=True), nn.AvgPool3d((3, 2, 3), 2, 1, count_include_pad=False),
                                nn.ConvTranspose3d(17, 18, 2, 2), nn.Upsample(scale_factor=(1, 2, 1)), nn.CircularPad3d(1), nn.Conv3d(18, 2, 2, 2)), 2, 1, 5, 4, 7)
layer("layer_norms", Heads(nn.LayerNorm(5), nn.LayerNorm((4, 5), eps=1e-3), nn.LayerNorm((3, 4, 5), elementwise_affine=False)), 2, 3, 4, 5)
layer("batch_norm_features", nn.BatchNorm1d(5, eps=1e-3, momentum=0.01), 6, 5, passes=(4, 5))
layer("batch_norm_1d", nn.BatchNorm1d(3, eps=1e-3, momentum=0.01), 4, 3, 7, passes=(4,))
layer("batch_norm_2d", nn.BatchNorm2d(17, eps=1e-3, momentum=0.01), 2, 17, 3, 2, passes=(4,))
layer("batch_norm_3d", nn.BatchNorm3d(3, eps=1e-3, momentum=None, affine=False), 2, 3, 2, 3, 2, passes=(4, 5))
save_file(arrays, "networks/layers.safetensors")
