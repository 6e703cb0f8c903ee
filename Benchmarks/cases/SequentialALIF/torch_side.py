"""The recurrent spiking network in PyTorch: eager with a backward pass written by hand, eager and TorchScript with injection by detaching,
and `torch.compile`."""

import alif_torch
import torch
from torch_network import network, spike, time_major


def fires_detached(distance: torch.Tensor) -> torch.Tensor:
    path = distance * torch.exp(-0.5 * distance * distance).detach()
    return (distance > 0).to(torch.float32) + (path - path.detach())


def side(variant: str, inputs: dict, sizes: dict[str, int], threads: int):
    detached = variant in ("detach", "script")
    alif_torch.fires = fires_detached if detached else spike(lambda distance: torch.exp(-0.5 * distance * distance))
    run = {"script": torch.jit.script, "compile": torch.compile}.get(variant, lambda forward: forward)(alif_torch.forward)
    return network(inputs, threads, alif_torch.PARAMETERS, [time_major(inputs["x"])], run)
