#!/usr/bin/env python3
"""Narrow versions of the papers' networks in PyTorch: weights as safetensors, inputs and outputs, training passes, for tests/papers.
Needs torch, numpy and safetensors. Usage: python3 make_networks.py, in tests/golden/. Weights and inputs are representable in 16 bits;
everything is computed in double and kept in float, so that the files come out alike, byte for byte, on any machine."""
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from rule import numbers
from networks_torch import DeepSZ, IVE, ResNet, ResUNet, WavPoolCNN, convnet, halo3d

torch.manual_seed(20211)
arrays = {}


def prepare(net):
    """Weights as PyTorch starts them, norms away from the identity, everything rounded to 16 bits."""
    for m in net.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            nn.init.uniform_(m.weight, 0.6, 1.4)
            nn.init.uniform_(m.bias, -0.3, 0.3)
            m.running_mean.uniform_(-0.3, 0.3)
            m.running_var.uniform_(0.5, 1.5)
    with torch.no_grad():
        for t in list(net.parameters()) + [b for b in net.buffers() if b.is_floating_point()]:
            t.copy_(t.half().float())
    return net


def golden(name, net, *inputs):
    prepare(net)
    save_file({k: (v.half() if v.is_floating_point() else v).contiguous() for k, v in net.state_dict().items()}, f"networks/{name}.safetensors")
    inputs = [x.half().double() for x in inputs]
    net.double().eval()
    with torch.no_grad():
        y = net(*inputs)
    for i, x in enumerate(inputs):
        arrays[f"{name}.x{i}"] = x.half()
    arrays[f"{name}.y"] = y.contiguous()
    print(name, sum(p.numel() for p in net.parameters()), "parameters, output rms", float(y.pow(2).mean().sqrt()))
    return inputs


net = convnet(2, 16, 5)
x, = golden("convnet", net, torch.randn(3, 3, 16, 16))
net.train()   # the same batch again, as training sees it, and the statistics behind it
arrays["convnet.trained"] = net(x).detach()
for k, v in net.state_dict().items():
    if "running" in k or "tracked" in k:
        arrays["convnet.after." + k] = v.clone()
golden("resnet18", ResNet(2, (2, 2, 2, 2), False, 6), torch.randn(2, 3, 33, 33))
golden("resnet50", ResNet(2, (3, 4, 6, 3), True), torch.randn(2, 3, 33, 33))
golden("deepsz", DeepSZ(2, 8), torch.randn(2, 3, 32, 32))
golden("resunet", ResUNet(3), torch.randn(1, 2, 16, 16))
golden("halo", halo3d(6, (2, 2, 3)), torch.randn(3, 1, 6, 6, 6))
golden("ive", IVE(3), torch.randn(3, 1, 6, 6, 6), torch.randn(3, 1))
golden("wavpool_cnn", WavPoolCNN(9, 2, 3, 4, 5), torch.rand(3, 9, 9))

# Layers on their own, with every gradient: y, and those of the sum of y times r.
def layer(name, m, x, training=False):
    m = prepare(m).double()
    m.train(training)
    x = x.half().double().requires_grad_()
    y = m(x)
    r = torch.randn(y.shape).half().double()
    (y * r).sum().backward()
    for k, v in (("x", x.detach()), ("y", y.detach()), ("r", r), ("dx", x.grad)):
        arrays[f"layer.{name}.{k}"] = v.contiguous()
    parts = [p for p in m.parameters()]
    if parts:
        arrays[f"layer.{name}.p"] = torch.cat([p.detach().flatten() for p in parts])
        arrays[f"layer.{name}.dp"] = torch.cat([p.grad.flatten() for p in parts])


layer("conv1d", nn.Conv1d(4, 6, 3, 2, 2, 2, groups=2), torch.randn(2, 4, 11))
layer("conv2d_periodic", nn.Conv2d(2, 3, (3, 5), padding=(1, 2), padding_mode="circular"), torch.randn(2, 2, 5, 6))
layer("conv3d", nn.Conv3d(2, 3, 3, (1, 2, 1), 1), torch.randn(1, 2, 3, 5, 4))
layer("conv_transpose2d", nn.ConvTranspose2d(4, 6, 3, 2, 1, 1, groups=2), torch.randn(2, 4, 3, 4))
layer("max_pool", nn.MaxPool2d(3, 2, 1, ceil_mode=True), torch.randn(2, 3, 8, 7))
layer("average_pool", nn.AvgPool2d(3, 2, 1, ceil_mode=True), torch.randn(2, 3, 8, 7))
layer("upsample_linear", nn.Upsample(scale_factor=2, mode="bilinear"), torch.randn(2, 3, 3, 4))
layer("upsample_trilinear", nn.Upsample(scale_factor=3, mode="trilinear"), torch.randn(1, 2, 2, 3, 2))
layer("batch_norm", nn.BatchNorm2d(3), torch.randn(4, 3, 2, 5), True)
layer("batch_norm_1d", nn.BatchNorm1d(5), torch.randn(6, 5), True)
layer("layer_norm", nn.LayerNorm((3, 4)), torch.randn(2, 3, 4))
save_file({k: (v.float() if v.dtype == torch.float64 else v).contiguous() for k, v in arrays.items()}, "networks/arrays.safetensors")

# Training passes over inputs by rule, computed in double: the output y, gradients of the sum of y r, what norms remember.
torch.set_default_dtype(torch.float64)
passes = {}


def sampled(t, most):
    """At most so many elements of t, evenly spaced."""
    t = t.detach().double().flatten()
    return t[::-(-t.numel() // most)]


def trained(name, net, *extents):
    """Of every parameter's gradient, in the order of their names, and of the input's: norm and some elements; of statistics some."""
    net.load_state_dict(load_file(f"networks/{name}.safetensors"))
    net.train()
    x = torch.tensor(numbers(1, *extents)).requires_grad_()
    y = net(x)
    (y * torch.tensor(numbers(2, *y.shape))).sum().backward()
    gradients = [p.grad for _, p in sorted(net.named_parameters())]
    passes[f"{name}.y"] = y.detach()
    passes[f"{name}.gradients"] = torch.cat([torch.cat([g.norm()[None], sampled(g, 24)]) for g in gradients])
    passes[f"{name}.dx"] = torch.cat([x.grad.norm()[None], sampled(x.grad, 200)])
    kept = [sampled(b, 24) for _, b in sorted(net.named_buffers())]
    if kept:
        passes[f"{name}.statistics"] = torch.cat(kept)
    print(name, "trained, output rms", float(y.detach().pow(2).mean().sqrt()), "input gradient", float(x.grad.norm()))


trained("convnet", convnet(2, 16, 5), 3, 3, 16, 16)
trained("resnet50", ResNet(2, (3, 4, 6, 3), True), 4, 3, 33, 33)
trained("deepsz", DeepSZ(2, 8), 6, 3, 32, 32)
trained("halo", halo3d(6, (2, 2, 3)), 3, 1, 6, 6, 6)
trained("wavpool_cnn", WavPoolCNN(9, 2, 3, 4, 5), 4, 9, 9)
save_file({k: v.float().contiguous() for k, v in passes.items()}, "networks/passes.safetensors")
