"""The recurrent network of adaptive spiking neurons in PyTorch. Its spike is the global `fires`, which a side sets: TorchScript looks a
function up by its name, so the spike cannot be an argument."""

import torch

PARAMETERS = ["inputWeight", "recurrentWeight", "outputWeight", "membrane", "adaptation", "readout"]


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
