"""Networks from images to images or to boxes: a U-Net, autoencoders, detectors."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from tests.architectures.networks.mobile import ConvNorm


class UNet(nn.Module):
    """Down and up again with copies across (Ronneberger et al. 2015, arXiv:1505.04597).

    One step up is a transposed convolution, the other bilinear to the extents of what it is joined with, and padded
    to them as the usual implementations do for odd ones.
    """

    def __init__(self, classes: int = 3):
        super().__init__()
        self.one, self.two, self.three = self._double(1, 8), self._double(8, 16), self._double(16, 32)
        self.up = nn.ConvTranspose2d(32, 16, 2, stride=2)
        self.four, self.five = self._double(32, 16), self._double(24, 8)
        self.head = nn.Conv2d(8, classes, 1)

    @staticmethod
    def _double(i: int, o: int) -> nn.Module:
        return nn.Sequential(ConvNorm(i, o, 3, act=nn.ReLU()), ConvNorm(o, o, 3, act=nn.ReLU()))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        one = self.one(image)
        two = self.two(F.max_pool2d(one, 2))
        x = self.up(self.three(F.max_pool2d(two, 2)))
        down, right = two.size(2) - x.size(2), two.size(3) - x.size(3)
        x = F.pad(x, [right // 2, right - right // 2, down // 2, down - down // 2])
        x = self.four(torch.cat([two, x], dim=1))
        x = F.interpolate(x, size=one.shape[2:], mode="bilinear", align_corners=False)
        return torch.sigmoid(self.head(self.five(torch.cat([one, x], dim=1))))


class Autoencoder(nn.Module):
    """Linear layers down to eight numbers and back, and how far the result is off, as anomaly detectors have it."""

    def __init__(self, width: int = 64):
        super().__init__()
        sizes = (width, 48, 48, 8, 48, 48)
        layers: list[nn.Module] = []
        for i, o in zip(sizes, sizes[1:], strict=False):
            layers += [nn.Linear(i, o), nn.BatchNorm1d(o), nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.Linear(sizes[-1], width))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        again = self.layers(x)
        return again, torch.mean((again - x) ** 2, dim=-1)


class ConvAutoencoder(nn.Module):
    """Strided convolutions down, transposed ones with output_padding up."""

    def __init__(self):
        super().__init__()
        self.down = nn.Sequential(
            nn.Conv2d(1, 8, 3, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(8, 16, 3, 2, 1),
            nn.PReLU(16),
            nn.Flatten(),
            nn.Linear(784, 12),
        )
        self.up = nn.Sequential(
            nn.Linear(12, 784),
            nn.Unflatten(1, (16, 7, 7)),
            nn.ELU(),
            nn.ConvTranspose2d(16, 8, 3, 2, 1, output_padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, 1, 3, 2, 1, output_padding=1),
            nn.Tanh(),
        )

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.up(self.down(image))


class Detector(nn.Module):
    """One pass over two scales: class scores and boxes of all anchors, as in SSD (Liu et al. 2015, arXiv:1512.02325).

    Outputs: boxes [N, anchors, 4] as corners, scores [N, anchors, classes], and the features of the last scale.
    """

    ANCHORS = 3

    def __init__(self, classes: int = 4):
        super().__init__()
        self.classes = classes
        self.body = nn.Sequential(ConvNorm(3, 8, 3, 2, act=nn.ReLU()), ConvNorm(8, 16, 3, 2, act=nn.ReLU()))
        self.deeper = ConvNorm(16, 24, 3, 2, act=nn.ReLU())
        widths = (16, 24)
        self.boxes = nn.ModuleList(nn.Conv2d(w, self.ANCHORS * 4, 3, padding=1) for w in widths)
        self.scores = nn.ModuleList(nn.Conv2d(w, self.ANCHORS * (classes + 1), 3, padding=1) for w in widths)

    def _anchors(self, features: list[torch.Tensor]) -> torch.Tensor:
        """Centre and extents of each anchor, made from the extents of the feature maps."""
        every = []
        for level, feature in enumerate(features):
            height, width = feature.shape[-2:]
            y = (torch.arange(height, dtype=torch.float32) + 0.5) / height
            x = (torch.arange(width, dtype=torch.float32) + 0.5) / width
            y, x = torch.meshgrid(y, x, indexing="ij")
            centres = torch.stack((x, y), dim=-1).reshape(-1, 1, 2).expand(-1, self.ANCHORS, 2)
            sizes = torch.tensor([[0.2, 0.2], [0.3, 0.15], [0.15, 0.3]]) * (level + 1)
            every.append(torch.cat((centres, sizes.expand(height * width, -1, -1)), dim=-1).reshape(-1, 4))
        return torch.cat(every)

    @staticmethod
    def _rows(heads: nn.ModuleList, features: list[torch.Tensor], columns: int) -> torch.Tensor:
        maps = [head(feature) for head, feature in zip(heads, features, strict=True)]
        return torch.cat([m.permute(0, 2, 3, 1).reshape(m.shape[0], -1, columns) for m in maps], dim=1)

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        first = self.body(image)
        features = [first, self.deeper(first)]
        anchors = self._anchors(features)
        moved = self._rows(self.boxes, features, 4)
        centre = anchors[:, :2] + moved[..., :2] * 0.1 * anchors[:, 2:]
        half = anchors[:, 2:] * torch.exp(moved[..., 2:] * 0.2) / 2
        boxes = torch.cat((centre - half, centre + half), dim=-1).clamp(0, 1)
        scores = F.softmax(self._rows(self.scores, features, self.classes + 1), dim=-1)
        return boxes, scores[..., 1:], features[-1]


class AnchorFree(nn.Module):
    """SiLU, cross-stage blocks, three max poolings in a row, nearest upsampling, a grid to add: as in the YOLO family."""

    def __init__(self, classes: int = 2):
        super().__init__()
        self.stem = nn.Sequential(ConvNorm(3, 8, 3, 2, act=nn.SiLU()), ConvNorm(8, 16, 3, 2, act=nn.SiLU()))
        self.inner = nn.Sequential(ConvNorm(8, 8, 1, act=nn.SiLU()), ConvNorm(8, 8, 3, act=nn.SiLU()))
        self.join = ConvNorm(24, 16, act=nn.SiLU())
        self.down = ConvNorm(16, 24, 3, 2, act=nn.SiLU())
        self.before, self.after = ConvNorm(24, 8, act=nn.SiLU()), ConvNorm(32, 16, act=nn.SiLU())
        self.head = nn.Conv2d(32, 5 + classes, 1)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = self.stem(image)
        kept, rest = torch.split(x, 8, dim=1)
        fine = self.join(torch.cat((kept, rest, rest + self.inner(rest)), 1))
        pools = [self.before(self.down(fine))]
        for _ in range(3):
            pools.append(F.max_pool2d(pools[-1], 5, 1, 2))
        coarse = self.after(torch.cat(pools, 1))
        y = self.head(torch.cat((F.interpolate(coarse, scale_factor=2, mode="nearest"), fine), 1))
        batch, columns, height, width = y.shape
        y = y.view(batch, columns, height * width).transpose(1, 2)
        rows, cols = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        grid = torch.stack((cols, rows), 2).view(1, -1, 2).to(y.dtype)
        centre = (y[..., :2].sigmoid() * 2 - 0.5 + grid) * 4
        extent = (y[..., 2:4].sigmoid() * 2) ** 2 * 8
        return torch.cat((centre, extent, y[..., 4:].sigmoid()), -1)
