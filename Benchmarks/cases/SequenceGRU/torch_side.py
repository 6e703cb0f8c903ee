"""The GRU in PyTorch: step by step, and as PyTorch's own `gru`, whose update gate means the same."""

import torch
from torch_network import network, time_major

PARAMETERS = ["wr", "wu", "wn", "ur", "uu", "un", "br", "bu", "bn", "bh", "readout"]


def joined(p: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Weights and biases of the input and of the state, by gate: reset, update, new."""
    zero = torch.zeros_like(p["bh"])
    return (
        torch.cat([p["wr"], p["wu"], p["wn"]]),
        torch.cat([p["ur"], p["uu"], p["un"]]),
        torch.cat([p["br"], p["bu"], p["bn"]]),
        torch.cat([zero, zero, p["bh"]]),
    )


def forward_steps(p: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    w, u, given_bias, state_bias = joined(p)
    given, recurrent = x @ w.t() + given_bias, u.t()
    h = torch.zeros(x.shape[1], p["bh"].shape[0])
    for t in range(x.shape[0]):
        state = h @ recurrent + state_bias
        (gr, gu, gn), (sr, su, sn) = given[t].chunk(3, 1), state.chunk(3, 1)
        update = torch.sigmoid(gu + su)
        h = (1 - update) * torch.tanh(gn + torch.sigmoid(gr + sr) * sn) + update * h
    return h @ p["readout"].t()


def forward_own(p: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    start = torch.zeros(1, x.shape[1], p["bh"].shape[0])
    _, h = torch.gru(x, start, list(joined(p)), True, 1, 0.0, torch.is_grad_enabled(), False, False)
    return h[0] @ p["readout"].t()


def side(variant: str, inputs: dict, sizes: dict[str, int], threads: int):
    forward = {"steps": forward_steps, "own": forward_own}[variant]
    return network(inputs, threads, PARAMETERS, [time_major(inputs["x"])], forward)
