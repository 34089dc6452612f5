"""PyTorch's fused Adam over ten million parameters; the other side is ours/adam.cpp."""
import torch
from networks import peer, use_threads
from server import Workload

peer += " fused"


def adam(store):
    p = torch.nn.Parameter(torch.ones(10_000_000))
    p.grad = torch.from_numpy(store.read("adam-gradient", "float32"))
    parts = {}

    def reset(_):
        with torch.no_grad():
            p.fill_(1)
        parts["optimizer"] = torch.optim.Adam([p], lr=1e-3, fused=True)

    def call():
        parts["optimizer"].step()

    def check():
        for _ in range(3):
            call()
        return [p.detach()[:1000].numpy()]

    return Workload(call, reset, check)


workloads = {"adam_1e7": adam}
