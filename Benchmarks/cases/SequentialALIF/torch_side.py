"""The recurrent spiking network in PyTorch: eager with a backward pass written by hand, eager and TorchScript with injection by detaching,
and `torch.compile`."""

import torch
from torch_network import network, spike, time_major

PARAMETERS = ["inputWeight", "recurrentWeight", "outputWeight", "membrane", "adaptation", "readout"]


fires_custom = spike(lambda distance: torch.exp(-0.5 * distance * distance))


def fires_detached(distance: torch.Tensor) -> torch.Tensor:
    path = distance * torch.exp(-0.5 * distance * distance).detach()
    return (distance > 0).to(torch.float32) + (path - path.detach())


def forward(p: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
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
        z = fires(v - level)
        u = v - z * level
        a = adaptation * a + (1 - adaptation) * z
        y = leak * y + (1 - leak) * (z @ output_weight)
        total = total + y
    return total / x.shape[0]


def side(variant: str, inputs: dict, sizes: dict[str, int], threads: int):
    # TorchScript looks a function up by its name, so the spike cannot be an argument.
    global fires
    fires = fires_detached if variant in ("detach", "script") else fires_custom
    run = {"script": torch.jit.script, "compile": torch.compile}.get(variant, lambda forward: forward)(forward)
    return network(inputs, threads, PARAMETERS, [time_major(inputs["x"])], run)
