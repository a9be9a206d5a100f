"""The list of architectures: how each is made, what it is fed, and how it is exported. Needs torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from tests.architectures.networks import images, mobile, residual, sequences

IMAGE = (1, 3, 32, 32)


@dataclass(frozen=True)
class Architecture:
    """build: makes the network. shapes: of its inputs, batch first. opset: what the TorchScript exporter is asked for.
    seed: of the weights.
    """

    build: Callable[[], nn.Module]
    shapes: tuple[tuple[int, ...], ...] = (IMAGE,)
    opset: int = 17
    seed: int = 1

    def inputs(self) -> tuple[torch.Tensor, ...]:
        generator = torch.Generator().manual_seed(self.seed)
        return tuple(torch.randn(shape, generator=generator) for shape in self.shapes)

    def network(self) -> nn.Module:
        """In evaluation mode. Batch norms have the statistics of noise, so that no layer drowns in its bias."""
        torch.manual_seed(self.seed)
        network = self.build()
        for module in network.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.momentum = None  # a plain average of the batches below
                nn.init.uniform_(module.weight, 0.5, 1.5)
                nn.init.normal_(module.bias, std=0.2)
        network.train()
        with torch.no_grad():
            for _ in range(2):
                network(*(torch.randn(8, *shape[1:]) for shape in self.shapes))
        return network.eval()


ARCHITECTURES: Mapping[str, Architecture] = {
    "MobileNetV1": Architecture(mobile.MobileNetV1, opset=11),
    "MobileNetV2": Architecture(mobile.MobileNetV2, opset=13),
    "MobileNetV3": Architecture(mobile.MobileNetV3),
    "EfficientNet-Lite": Architecture(mobile.EfficientNetLite, opset=12),
    "ShuffleNetV2": Architecture(mobile.ShuffleNetV2),
    "ResNet": Architecture(residual.ResNet, opset=20),
    "SqueezeNet": Architecture(residual.SqueezeNet),
    "DenseNet": Architecture(residual.DenseNet, opset=16),
    "ConvNeXt": Architecture(residual.ConvNeXt, opset=17),
    "UNet": Architecture(images.UNet, ((1, 1, 26, 26),)),
    "autoencoder": Architecture(images.Autoencoder, ((1, 64),)),
    "convolutional autoencoder": Architecture(images.ConvAutoencoder, ((1, 1, 28, 28),)),
    "SSD detector": Architecture(images.Detector),
    "anchor-free detector": Architecture(images.AnchorFree, opset=18),
    "TCN": Architecture(sequences.TCN, ((1, 6, 20),), opset=14),
    "keyword CNN": Architecture(sequences.KeywordCNN, ((1, 49, 10),)),
    "ViT": Architecture(sequences.ViT, opset=17),
    "transformer encoder": Architecture(sequences.Encoder, ((1, 12, 9),), opset=18),
    "GRU": Architecture(partial(sequences.Recurrent, "GRU"), ((1, 8, 16),)),
    "LSTM": Architecture(partial(sequences.Recurrent, "LSTM"), ((1, 8, 16),)),
    "two inputs": Architecture(sequences.TwoInputs, ((1, 1, 16, 16), (1, 5))),
}

WAITING = {
    "GRU": "the operator GRU is not supported",
    "LSTM": "ONNX's operator LSTM is not supported",
}
"""Architectures that are refused, and why: the import must say so."""
