"""The network of Examples/Models/SequentialALIF.graft in PyTorch: the code path of "Forward Gradient Injection", float32, eager.

The gradient of a spike is injected by detaching: the value is that of the step, the path back goes through a term that is zero."""

from dataclasses import dataclass

import numpy as np
import torch

from dyadic import Sample


@dataclass
class Outcome:
    logits: np.ndarray
    loss: float
    gradients: dict[str, np.ndarray]
    spikes: np.ndarray  # [batch, time, hidden]


def inject(value: torch.Tensor, slope: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
    """`value`, whose derivative with respect to `at` is `slope`."""
    path = at * slope.detach()
    return value.detach() + (path - path.detach())


def fires(distance: torch.Tensor) -> torch.Tensor:
    return inject((distance > 0).float(), torch.exp(-0.5 * distance * distance), distance)


def evaluate(sample: Sample, threads: int = 1) -> Outcome:
    torch.set_num_threads(threads)
    p = {name: torch.tensor(value, requires_grad=True) for name, value in sample.parameters.items()}
    x = torch.tensor(sample.x)
    batch, steps, _ = x.shape
    hidden, classes = p["membrane"].shape[0], p["readout"].shape[0]

    leak = torch.sigmoid(p["readout"])
    decay = torch.sigmoid(p["membrane"])
    adaptation = torch.sigmoid(p["adaptation"])
    u = a = z = torch.zeros(batch, hidden)
    y = total = torch.zeros(batch, classes)
    spikes = []
    for t in range(steps):
        current = x[:, t] @ p["inputWeight"].T + z @ p["recurrentWeight"].T
        level = 0.1 + 0.8 * a
        v = decay * u + (1 - decay) * current
        z = fires(v - level)
        u = v - z * level
        a = adaptation * a + (1 - adaptation) * z
        y = leak * y + (1 - leak) * (z @ p["outputWeight"].T)
        total = total + y
        spikes.append(z.detach())
    logits = total / steps
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(sample.label, dtype=torch.int64))
    loss.backward()
    return Outcome(
        logits=logits.detach().numpy(),
        loss=loss.item(),
        gradients={name: value.grad.numpy() for name, value in p.items()},
        spikes=torch.stack(spikes, dim=1).numpy(),
    )
