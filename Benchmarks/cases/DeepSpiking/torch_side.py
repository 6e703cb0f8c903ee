"""The stacked network in PyTorch: eager with a backward pass written by hand, eager and TorchScript with injection by detaching."""

import torch
from torch_network import network, spike, time_major

PARAMETERS = [f"{layer}.{name}" for layer in ("first", "second") for name in ("feed", "back", "membrane", "adaptation")]
PARAMETERS += ["readout.weight", "readout.decay"]
TARGET_RATE, RATE_WEIGHT = 0.05, 0.01

fires_custom = spike(lambda distance: 1 / (1 + 25 * distance.abs()).square())


def fires_detached(distance: torch.Tensor) -> torch.Tensor:
    path = distance * (1 / (1 + 25 * distance.abs()).square()).detach()
    return (distance > 0).to(torch.float32) + (path - path.detach())


def forward(p: dict[str, torch.Tensor], x: torch.Tensor, length: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    decay1, adaptation1 = torch.sigmoid(p["first.membrane"]), torch.sigmoid(p["first.adaptation"])
    decay2, adaptation2 = torch.sigmoid(p["second.membrane"]), torch.sigmoid(p["second.adaptation"])
    leak = torch.sigmoid(p["readout.decay"])
    feed1, back1, feed2, back2 = p["first.feed"].t(), p["first.back"].t(), p["second.feed"].t(), p["second.back"].t()
    weight = p["readout.weight"].t()
    zero = torch.zeros(x.shape[1], decay1.shape[0])
    z1, u1, a1, z2, u2, a2 = zero, zero, zero, zero, zero, zero
    potential = torch.zeros(x.shape[1], leak.shape[0])
    total, rate = potential, torch.zeros(x.shape[1])
    raster: list[torch.Tensor] = []
    for t in range(x.shape[0]):
        going = (length > t).to(torch.float32)
        level1 = 0.1 + 0.8 * a1
        v1 = decay1 * u1 + (1 - decay1) * (x[t] @ feed1 + z1 @ back1)
        z1 = fires(v1 - level1)
        u1 = v1 - z1 * level1
        a1 = adaptation1 * a1 + (1 - adaptation1) * z1
        level2 = 0.1 + 0.8 * a2
        v2 = decay2 * u2 + (1 - decay2) * (z1 @ feed2 + z2 @ back2)
        z2 = fires(v2 - level2)
        u2 = v2 - z2 * level2
        a2 = adaptation2 * a2 + (1 - adaptation2) * z2
        potential = leak * potential + (1 - leak) * (z2 @ weight)
        total = total + going[:, None] * torch.softmax(potential, 1)
        rate = rate + going * (z1.mean(1) + z2.mean(1)) / 2
        raster.append(going[:, None] * z2)
    return total / length[:, None], rate / length, torch.stack(raster)


def loss(outputs: tuple[torch.Tensor, torch.Tensor, torch.Tensor], label: torch.Tensor) -> torch.Tensor:
    score, rate, _ = outputs
    return (-torch.log(score.gather(1, label[:, None])[:, 0]) + RATE_WEIGHT * (rate - TARGET_RATE).square()).mean()


def side(variant: str, inputs: dict, sizes: dict[str, int], threads: int):
    data = [time_major(inputs["x"]), torch.tensor(inputs["length"])]
    # TorchScript looks a function up by its name, so the spike cannot be an argument.
    global fires
    fires = fires_custom if variant == "custom" else fires_detached
    run = torch.jit.script(forward) if variant == "script" else forward
    return network(inputs, threads, PARAMETERS, data, run, loss, lambda outputs: outputs[0])
