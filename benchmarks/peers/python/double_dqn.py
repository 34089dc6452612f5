"""One update of double Q-learning in PyTorch on a batch in memory; the other side is ours/double_dqn.cpp."""
import torch
import torch.nn.functional as F
from networks import load_weights, mlp, peer, use_threads
from server import Workload

DISCOUNT = 0.8


def update(store):
    def real(name, *shape):
        return torch.from_numpy(store.read(name, "float32", *shape))

    s, s2, r, d = real("dqn-state", 128, 40), real("dqn-next", 128, 40), real("dqn-reward", 128), real("dqn-done", 128)
    a = torch.from_numpy(store.read("dqn-action", "int32", 128, 1)).long()
    online, target, parts = mlp(40, 128, 128, 50), mlp(40, 128, 128, 50), {}
    load_weights(target, store, "dqn-target")

    def reset(_):
        load_weights(online, store, "dqn-online")
        parts["optimizer"] = torch.optim.Adam(online.parameters(), lr=1e-3)

    def step():
        with torch.no_grad():
            best = online(s2).argmax(1, keepdim=True)
            y = r + DISCOUNT * (1 - d) * target(s2).gather(1, best)[:, 0]
        loss = F.smooth_l1_loss(online(s).gather(1, a)[:, 0], y)
        parts["optimizer"].zero_grad(set_to_none=True)
        loss.backward()
        parts["optimizer"].step()
        return loss

    def check():
        losses = [float(step().detach()) for _ in range(5)]
        with torch.inference_mode():
            return losses, online(s).numpy()

    return Workload(step, reset, check)


workloads = {"double_dqn_update": update}
