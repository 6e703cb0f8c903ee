"""The LSTM in PyTorch: step by step, and as PyTorch's own `lstm`, whose order of the gates is in, forget, new, out too."""

import torch
from torch_network import network, time_major

PARAMETERS = ["inputWeight", "recurrentWeight", "bias", "readout"]


def forward_steps(p: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    hidden = p["readout"].shape[1]
    given = x @ p["inputWeight"].flatten(0, 1).t() + p["bias"].flatten()
    recurrent = p["recurrentWeight"].flatten(0, 1).t()
    h = torch.zeros(x.shape[1], hidden)
    c = h
    for t in range(x.shape[0]):
        i, f, n, o = (given[t] + h @ recurrent).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(n)
        h = torch.sigmoid(o) * torch.tanh(c)
    return h @ p["readout"].t()


def forward_own(p: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    start = torch.zeros(1, x.shape[1], p["readout"].shape[1])
    bias = p["bias"].flatten()
    weights = [p["inputWeight"].flatten(0, 1), p["recurrentWeight"].flatten(0, 1), bias, torch.zeros_like(bias)]
    _, h, _ = torch.lstm(x, (start, start), weights, True, 1, 0.0, torch.is_grad_enabled(), False, False)
    return h[0] @ p["readout"].t()


def side(variant: str, inputs: dict, sizes: dict[str, int], threads: int):
    forward = {"steps": forward_steps, "own": forward_own}[variant]
    return network(inputs, threads, PARAMETERS, [time_major(inputs["x"])], forward)
