"""Networks of plain convolutions: residual, fire modules, dense blocks, depthwise 7x7 with layer norms."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from tests.architectures.networks.mobile import ConvNorm


class Basic(nn.Module):
    """Two 3x3, the input added (through 1x1 where the shape changes), Relu behind the sum."""

    def __init__(self, i: int, o: int, stride: int):
        super().__init__()
        self.first, self.second = ConvNorm(i, o, 3, stride, act=nn.ReLU()), ConvNorm(o, o, 3)
        self.shortcut = nn.Identity() if i == o and stride == 1 else ConvNorm(i, o, 1, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.second(self.first(x)) + self.shortcut(x))


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1."""

    def __init__(self, i: int, o: int, stride: int):
        super().__init__()
        self.layers = nn.Sequential(
            ConvNorm(i, o // 4, act=nn.ReLU()), ConvNorm(o // 4, o // 4, 3, stride, act=nn.ReLU()), ConvNorm(o // 4, o)
        )
        self.shortcut = nn.Identity() if i == o and stride == 1 else ConvNorm(i, o, 1, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.layers(x) + self.shortcut(x))


class ResNet(nn.Module):
    """7x7 and max pooling, then both kinds of residual blocks (He et al. 2015, arXiv:1512.03385)."""

    def __init__(self, classes: int = 10):
        super().__init__()
        self.stem = nn.Sequential(ConvNorm(3, 8, 7, 2, act=nn.ReLU()), nn.MaxPool2d(3, 2, 1))
        self.blocks = nn.Sequential(Basic(8, 8, 1), Basic(8, 16, 2), Bottleneck(16, 32, 1), Bottleneck(32, 32, 1))
        self.classifier = nn.Linear(32, classes)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        pooled = F.adaptive_avg_pool2d(self.blocks(self.stem(image)), (1, 1))
        return self.classifier(torch.flatten(pooled, 1))


class Fire(nn.Module):
    """1x1 down, then 1x1 and 3x3 side by side."""

    def __init__(self, i: int, squeeze: int, expand: int):
        super().__init__()
        self.squeeze = nn.Conv2d(i, squeeze, 1)
        self.left, self.right = nn.Conv2d(squeeze, expand, 1), nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.squeeze(x), inplace=True)
        return torch.cat([F.relu(self.left(x)), F.relu(self.right(x))], 1)


class SqueezeNet(nn.Module):
    """Fire modules, max pooling with ceil_mode, a convolution as classifier (Iandola et al. 2016, arXiv:1602.07360)."""

    def __init__(self, classes: int = 10):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 12, 3, stride=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            Fire(12, 4, 8),
            Fire(16, 4, 8),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            Fire(16, 8, 16),
        )
        self.classifier = nn.Sequential(
            nn.Dropout(0.5), nn.Conv2d(32, classes, 1), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d((1, 1))
        )

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return torch.flatten(self.classifier(self.features(image)), 1)


class DenseNet(nn.Module):
    """Each layer reads all before it, norm and Relu come first (Huang et al. 2016, arXiv:1608.06993)."""

    def __init__(self, classes: int = 10, growth: int = 8, layers: int = 3):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 2, 1, bias=False)
        self.blocks, width = nn.ModuleList(), 8
        for _ in range(2):
            self.blocks.append(nn.ModuleList(self._layer(width + i * growth, growth) for i in range(layers)))
            width = (width + layers * growth) // 2
            self.blocks.append(nn.ModuleList([self._transition(2 * width, width)]))
        self.classifier = nn.Linear(width, classes)

    @staticmethod
    def _layer(i: int, o: int) -> nn.Module:
        return nn.Sequential(nn.BatchNorm2d(i), nn.ReLU(), nn.Conv2d(i, o, 3, padding=1, bias=False))

    @staticmethod
    def _transition(i: int, o: int) -> nn.Module:
        return nn.Sequential(nn.BatchNorm2d(i), nn.ReLU(), nn.Conv2d(i, o, 1, bias=False), nn.AvgPool2d(2))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = self.stem(image)
        for block in self.blocks:
            if len(block) == 1:
                x = block[0](x)
            else:
                for layer in block:
                    x = torch.cat([x, layer(x)], dim=1)
        return self.classifier(F.relu(x).mean((-2, -1)))


class ChannelNorm(nn.LayerNorm):
    """A layer norm over the channels of [N, C, H, W]."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ConvNeXtBlock(nn.Module):
    """Depthwise 7x7, then on channels-last tensors layer norm, two linear layers with Gelu, and a learnt scale."""

    def __init__(self, width: int):
        super().__init__()
        self.depthwise = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.scale = nn.Parameter(torch.rand(width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.depthwise(x).permute(0, 2, 3, 1)
        y = self.scale * self.down(F.gelu(self.up(self.norm(y))))
        return x + y.permute(0, 3, 1, 2)


class ConvNeXt(nn.Module):
    """Patches of 4x4, layer norms in the place of batch norms (Liu et al. 2022, arXiv:2201.03545)."""

    def __init__(self, classes: int = 10):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 8, 4, 4), ChannelNorm(8), ConvNeXtBlock(8), ChannelNorm(8), nn.Conv2d(8, 16, 2, 2), ConvNeXtBlock(16)
        )
        self.head = nn.Sequential(nn.LayerNorm(16), nn.Linear(16, classes))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.head(self.layers(image).mean([-2, -1]))
