"""A network in PyTorch as a side. The case gives its forward pass; this adds the loss, its gradient, and how the pass is run."""

from collections.abc import Callable

import numpy as np
import torch
from peer import Side

Parameters = dict[str, torch.Tensor]


def spike(slope: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[torch.Tensor], torch.Tensor]:
    """A step whose backward pass, written by hand, takes this slope."""

    class Spike(torch.autograd.Function):
        @staticmethod
        def forward(context, distance: torch.Tensor) -> torch.Tensor:
            context.save_for_backward(distance)
            return (distance > 0).to(distance.dtype)

        @staticmethod
        def backward(context, cotangent: torch.Tensor) -> torch.Tensor:
            (distance,) = context.saved_tensors
            return cotangent * slope(distance)

    return Spike.apply


def network(
    inputs: dict[str, np.ndarray],
    threads: int,
    parameters: list[str],
    data: list[torch.Tensor],
    forward: Callable,
    loss: Callable = torch.nn.functional.cross_entropy,
    logits: Callable = lambda outputs: outputs,
) -> Side:
    """`forward(parameters, *data)` gives the outputs, of which `logits` are compared; `loss` takes them and the labels."""
    torch.set_num_threads(threads)
    values = {name: torch.tensor(inputs[name], requires_grad=True) for name in parameters}
    label = torch.tensor(inputs["label"], dtype=torch.int64)

    def inference():
        with torch.no_grad():
            return forward(values, *data)

    def training() -> torch.Tensor:
        for value in values.values():
            value.grad = None
        result = loss(forward(values, *data), label)
        result.backward()
        return result

    def results() -> dict[str, np.ndarray]:
        found = {"loss": training().detach().numpy(), "logits": logits(inference()).numpy()}
        return found | {f"gradient.{name}": value.grad.numpy() for name, value in values.items()}

    return Side({"inference": inference, "training": training}, results, {"PyTorch": torch.__version__})


def time_major(x: np.ndarray) -> torch.Tensor:
    """[batch, time, inputs] as [time, batch, inputs], so that a step is contiguous."""
    return torch.tensor(np.ascontiguousarray(x.transpose(1, 0, 2)))
