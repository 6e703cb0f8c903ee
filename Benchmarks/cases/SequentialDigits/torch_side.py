"""An epoch of the digits in PyTorch: eager with a backward pass written by hand, `torch.optim.Adam`."""

import alif_torch
import numpy as np
import torch
from peer import Side
from torch_network import spike

alif_torch.fires = spike(lambda distance: torch.exp(-2 * distance * distance))


def side(variant: str, inputs: dict, sizes: dict[str, int], threads: int) -> Side:
    torch.set_num_threads(threads)
    batch = sizes["batch"]
    x = torch.tensor(inputs["x"].reshape(-1, batch, sizes["time"], 8).transpose(0, 2, 1, 3).copy())
    labels = torch.tensor(inputs["label"].reshape(-1, batch), dtype=torch.int64)
    start = {name: torch.tensor(inputs[name]) for name in alif_torch.PARAMETERS}

    def fresh() -> dict[str, torch.Tensor]:
        return {name: value.clone().requires_grad_() for name, value in start.items()}

    def step(parameters: dict[str, torch.Tensor], index: int) -> torch.Tensor:
        loss = torch.nn.functional.cross_entropy(alif_torch.forward(parameters, x[index]), labels[index])
        loss.backward()
        return loss

    def epoch() -> float:
        parameters = fresh()
        optimizer = torch.optim.Adam(parameters.values(), lr=0.01, amsgrad=True)
        total = 0.0
        for index in range(len(x)):
            optimizer.zero_grad()
            total += step(parameters, index).item()
            optimizer.step()
        return total / len(x)

    def results() -> dict[str, np.ndarray]:
        parameters = fresh()
        found = {"first.loss": step(parameters, 0).detach().numpy(), "epoch": np.array([epoch()], dtype="<f4")}
        return found | {f"first.gradient.{name}": value.grad.numpy() for name, value in parameters.items()}

    return Side({"epoch": epoch}, results, {"PyTorch": torch.__version__})
