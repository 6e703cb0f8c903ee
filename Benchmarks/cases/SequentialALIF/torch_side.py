"""The recurrent spiking network in PyTorch: eager with a backward pass written by hand, eager and TorchScript with injection by detaching,
and `torch.compile`."""

import torch
from torch_network import fires_custom, network, time_major

PARAMETERS = ["inputWeight", "recurrentWeight", "outputWeight", "membrane", "adaptation", "readout"]


def fires_detached(distance: torch.Tensor) -> torch.Tensor:
    path = distance * torch.exp(-0.5 * distance * distance).detach()
    return (distance > 0).to(torch.float32) + (path - path.detach())


def forward_custom(p: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    leak, decay, adaptation = torch.sigmoid(p["readout"]), torch.sigmoid(p["membrane"]), torch.sigmoid(p["adaptation"])
    input_weight, recurrent_weight, output_weight = p["inputWeight"].t(), p["recurrentWeight"].t(), p["outputWeight"].t()
    u = a = z = torch.zeros(x.shape[1], decay.shape[0])
    y = total = torch.zeros(x.shape[1], leak.shape[0])
    for t in range(x.shape[0]):
        current = x[t] @ input_weight + z @ recurrent_weight
        level = 0.1 + 0.8 * a
        v = decay * u + (1 - decay) * current
        z = fires_custom(v - level)
        u = v - z * level
        a = adaptation * a + (1 - adaptation) * z
        y = leak * y + (1 - leak) * (z @ output_weight)
        total = total + y
    return total / x.shape[0]


# The same text with the other spike: TorchScript compiles a function's text, so the spike cannot be an argument.
def forward_detached(p: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    leak, decay, adaptation = torch.sigmoid(p["readout"]), torch.sigmoid(p["membrane"]), torch.sigmoid(p["adaptation"])
    input_weight, recurrent_weight, output_weight = p["inputWeight"].t(), p["recurrentWeight"].t(), p["outputWeight"].t()
    u = torch.zeros(x.shape[1], decay.shape[0])
    a = u
    z = u
    y = torch.zeros(x.shape[1], leak.shape[0])
    total = y
    for t in range(x.shape[0]):
        current = x[t] @ input_weight + z @ recurrent_weight
        level = 0.1 + 0.8 * a
        v = decay * u + (1 - decay) * current
        z = fires_detached(v - level)
        u = v - z * level
        a = adaptation * a + (1 - adaptation) * z
        y = leak * y + (1 - leak) * (z @ output_weight)
        total = total + y
    return total / x.shape[0]


def side(variant: str, inputs: dict, sizes: dict[str, int], threads: int):
    forward = {
        "custom": lambda: forward_custom,
        "detach": lambda: forward_detached,
        "script": lambda: torch.jit.script(forward_detached),
        "compile": lambda: torch.compile(forward_custom),
    }[variant]()
    return network(inputs, threads, PARAMETERS, [time_major(inputs["x"])], forward, torch.nn.functional.cross_entropy)
