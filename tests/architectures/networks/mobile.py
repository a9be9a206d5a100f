"""Networks for phones: depthwise convolutions, inverted residuals, squeeze-and-excitation, channel shuffles."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F


class ConvNorm(nn.Sequential):
    """Convolution without a bias, batch norm, activation; padded so that stride 1 keeps the extents."""

    def __init__(self, i: int, o: int, kernel: int = 1, stride: int = 1, groups: int = 1, act: nn.Module | None = None):
        layers = [nn.Conv2d(i, o, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(o)]
        super().__init__(*layers, *([] if act is None else [act]))


class MobileNetV1(nn.Module):
    """Depthwise 3x3, then 1x1, both with batch norm and Relu (Howard et al. 2017, arXiv:1704.04861)."""

    def __init__(self, classes: int = 10):
        super().__init__()
        widths = (8, 16, 16, 24, 24, 32, 32)
        strides = (1, 2, 1, 2, 1, 2)
        blocks: list[nn.Module] = [ConvNorm(3, widths[0], 3, 2, act=nn.ReLU())]
        for i, o, stride in zip(widths, widths[1:], strides, strict=False):
            blocks += [ConvNorm(i, i, 3, stride, groups=i, act=nn.ReLU()), ConvNorm(i, o, act=nn.ReLU())]
        self.features = nn.Sequential(*blocks)
        self.classifier = nn.Linear(widths[-1], classes)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        pooled = F.adaptive_avg_pool2d(self.features(image), 1)
        return F.softmax(self.classifier(pooled.view(pooled.size(0), -1)), dim=1)


class InvertedResidual(nn.Module):
    """1x1 up, depthwise, 1x1 down without an activation, and the input added where the shape is kept."""

    def __init__(
        self, i: int, o: int, expand: int, kernel: int, stride: int, act: type[nn.Module], squeeze: bool = False
    ):
        super().__init__()
        hidden = i * expand
        layers: list[nn.Module] = [] if expand == 1 else [ConvNorm(i, hidden, act=act())]
        layers += [ConvNorm(hidden, hidden, kernel, stride, groups=hidden, act=act())]
        if squeeze:
            layers += [SqueezeExcite(hidden)]
        self.layers = nn.Sequential(*layers, ConvNorm(hidden, o))
        self.keeps_shape = stride == 1 and i == o

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.layers(x) if self.keeps_shape else self.layers(x)


class SqueezeExcite(nn.Module):
    """Each channel times a factor that the means of all channels decide; the factor is a hard sigmoid."""

    def __init__(self, channels: int):
        super().__init__()
        self.down, self.up = nn.Conv2d(channels, channels // 4, 1), nn.Conv2d(channels // 4, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        means = F.adaptive_avg_pool2d(x, 1)
        return x * F.hardsigmoid(self.up(F.relu(self.down(means))))


class MobileNetV2(nn.Module):
    """Inverted residuals with Relu6 (Sandler et al. 2018, arXiv:1801.04381)."""

    def __init__(self, classes: int = 10):
        super().__init__()
        self.features = nn.Sequential(
            ConvNorm(3, 8, 3, 2, act=nn.ReLU6()),
            InvertedResidual(8, 8, 1, 3, 1, nn.ReLU6),
            InvertedResidual(8, 12, 6, 3, 2, nn.ReLU6),
            InvertedResidual(12, 12, 6, 3, 1, nn.ReLU6),
            InvertedResidual(12, 16, 6, 3, 2, nn.ReLU6),
            InvertedResidual(16, 16, 6, 3, 1, nn.ReLU6),
            ConvNorm(16, 48, act=nn.ReLU6()),
        )
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(48, classes))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(image).mean([2, 3]))


class MobileNetV3(nn.Module):
    """Hard swish, squeeze-and-excitation, 5x5 depthwise (Howard et al. 2019, arXiv:1905.02244)."""

    def __init__(self, classes: int = 10):
        super().__init__()
        self.features = nn.Sequential(
            ConvNorm(3, 8, 3, 2, act=nn.Hardswish()),
            InvertedResidual(8, 8, 1, 3, 2, nn.ReLU, squeeze=True),
            InvertedResidual(8, 12, 4, 3, 2, nn.ReLU),
            InvertedResidual(12, 12, 4, 3, 1, nn.ReLU),
            InvertedResidual(12, 16, 4, 5, 1, nn.Hardswish, squeeze=True),
            InvertedResidual(16, 16, 4, 5, 1, nn.Hardswish, squeeze=True),
            ConvNorm(16, 48, act=nn.Hardswish()),
        )
        self.classifier = nn.Sequential(nn.Linear(48, 32), nn.Hardswish(), nn.Dropout(0.2), nn.Linear(32, classes))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        pooled = F.adaptive_avg_pool2d(self.features(image), 1)
        return self.classifier(torch.flatten(pooled, 1))


class EfficientNetLite(nn.Module):
    """Inverted residuals of 3x3 and 5x5 with Relu6 and no squeezes (Tan and Le 2019, arXiv:1905.11946; lite: 2020)."""

    def __init__(self, classes: int = 10):
        super().__init__()
        stages = ((8, 1, 3, 1, 1), (12, 6, 3, 2, 2), (16, 6, 5, 2, 2), (24, 6, 3, 2, 1), (28, 6, 5, 1, 1))
        blocks: list[nn.Module] = [ConvNorm(3, 8, 3, 2, act=nn.ReLU6())]
        width = 8
        for out, expand, kernel, stride, repeats in stages:
            for index in range(repeats):
                blocks.append(InvertedResidual(width, out, expand, kernel, 1 if index else stride, nn.ReLU6))
                width = out
        self.features = nn.Sequential(*blocks, ConvNorm(width, 64, act=nn.ReLU6()))
        self.classifier = nn.Linear(64, classes)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        features = self.features(image)
        pooled = F.avg_pool2d(features, 2)
        return self.classifier(pooled.reshape(pooled.shape[0], -1))


class ShuffleUnit(nn.Module):
    """Half of the channels through a branch (with a stride all of them, through two), then both halves interleaved."""

    def __init__(self, i: int, o: int, stride: int):
        super().__init__()
        half = o // 2
        self.stride, inner = stride, (i if stride > 1 else half)
        self.side = nn.Sequential(ConvNorm(i, i, 3, stride, groups=i), ConvNorm(i, half, act=nn.ReLU()))
        self.main = nn.Sequential(
            ConvNorm(inner, half, act=nn.ReLU()),
            ConvNorm(half, half, 3, stride, groups=half),
            ConvNorm(half, half, act=nn.ReLU()),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.stride > 1:
            halves = self.side(x), self.main(x)
        else:
            kept, rest = x.chunk(2, dim=1)
            halves = kept, self.main(rest)
        joined = torch.cat(halves, dim=1)
        batch, channels, height, width = joined.size()
        apart = joined.view(batch, 2, channels // 2, height, width)
        return apart.transpose(1, 2).contiguous().view(batch, -1, height, width)


class ShuffleNetV2(nn.Module):
    """Splits and shuffles of channels (Ma et al. 2018, arXiv:1807.11164)."""

    def __init__(self, classes: int = 10):
        super().__init__()
        self.stem = nn.Sequential(ConvNorm(3, 8, 3, 2, act=nn.ReLU()), nn.MaxPool2d(3, 2, 1))
        self.stages = nn.Sequential(
            ShuffleUnit(8, 24, 2), ShuffleUnit(24, 24, 1), ShuffleUnit(24, 32, 2), ShuffleUnit(32, 32, 1)
        )
        self.last = ConvNorm(32, 48, act=nn.ReLU())
        self.classifier = nn.Linear(48, classes)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.last(self.stages(self.stem(image))).mean([2, 3]))
