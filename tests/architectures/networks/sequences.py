"""Networks over time or over tokens, and one of two inputs."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import weight_norm

from tests.architectures.networks.mobile import ConvNorm


class CausalBlock(nn.Module):
    """Two dilated convolutions that see nothing of the future, with weight norm, and the input added."""

    def __init__(self, i: int, o: int, dilation: int):
        super().__init__()
        self.before = 2 * dilation
        self.first = weight_norm(nn.Conv1d(i, o, 3, dilation=dilation))
        self.second = weight_norm(nn.Conv1d(o, o, 3, dilation=dilation))
        self.side = nn.Conv1d(i, o, 1) if i != o else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.first(F.pad(x, (self.before, 0))))
        y = F.relu(self.second(F.pad(y, (self.before, 0))))
        return F.relu(y + self.side(x))


class TCN(nn.Module):
    """A temporal convolutional network (Bai et al. 2018, arXiv:1803.01271): x [N, C, T] -> a class a moment."""

    def __init__(self, classes: int = 5):
        super().__init__()
        self.blocks = nn.Sequential(CausalBlock(6, 16, 1), CausalBlock(16, 16, 2), CausalBlock(16, 12, 4))
        self.head = nn.Linear(12, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.log_softmax(self.head(self.blocks(x).transpose(1, 2)), dim=-1)


class KeywordCNN(nn.Module):
    """Features over time [N, T, F]: a normed, depthwise separable convolution net whose first layer sees both axes."""

    def __init__(self, classes: int = 12):
        super().__init__()
        self.norm = nn.BatchNorm1d(10)
        self.first = nn.Sequential(nn.Conv2d(1, 16, (10, 4), (2, 2), (4, 1), bias=False), nn.BatchNorm2d(16), nn.ReLU())
        layers: list[nn.Module] = []
        for _ in range(2):
            layers += [ConvNorm(16, 16, 3, groups=16, act=nn.ReLU()), ConvNorm(16, 16, act=nn.ReLU())]
        self.layers, self.head = nn.Sequential(*layers), nn.Linear(16, classes)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        x = self.norm(features.transpose(1, 2)).transpose(1, 2).unsqueeze(1)
        x = self.layers(self.first(x))
        return self.head(F.avg_pool2d(x, (24, 5)).squeeze(-1).squeeze(-1))


class Recurrent(nn.Module):
    """A convolution in front, then a recurrent layer, then what its last moment says."""

    def __init__(self, kind: str, classes: int = 6):
        super().__init__()
        self.conv = nn.Conv1d(8, 12, 3, 2, 1)
        self.recurrent = getattr(nn, kind)(12, 16, num_layers=2, batch_first=True)
        self.head = nn.Linear(16, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y, _ = self.recurrent(F.relu(self.conv(x)).transpose(1, 2))
        return self.head(y[:, -1, :])


class Attention(nn.Module):
    """Self-attention over tokens [N, T, D], all heads from one linear layer."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads, self.qkv, self.out = heads, nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, tokens, width = x.shape
        apart = self.qkv(x).reshape(batch, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = apart.unbind(0)
        y = F.scaled_dot_product_attention(q, k, v)
        return self.out(y.transpose(1, 2).reshape(batch, tokens, width))


class TransformerBlock(nn.Module):
    """Norms first."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.norm_a, self.attention = nn.LayerNorm(width), Attention(width, heads)
        self.norm_b = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attention(self.norm_a(x))
        return x + self.mlp(self.norm_b(x))


class ViT(nn.Module):
    """Patches as tokens, one more that is asked at the end (Dosovitskiy et al. 2020, arXiv:2010.11929)."""

    def __init__(self, classes: int = 10, width: int = 16):
        super().__init__()
        self.patches = nn.Conv2d(3, width, 8, 8)
        self.token = nn.Parameter(torch.randn(1, 1, width))
        self.places = nn.Parameter(torch.randn(1, 17, width))
        self.blocks = nn.Sequential(TransformerBlock(width, 2), TransformerBlock(width, 4))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, classes)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = self.patches(image).flatten(2).transpose(1, 2)
        x = torch.cat((self.token.expand(x.shape[0], -1, -1), x), dim=1) + self.places
        return self.head(self.norm(self.blocks(x))[:, 0])


class Encoder(nn.Module):
    """torch's own encoder layer (norms behind the sums, Relu) over a sequence of features [N, T, F]."""

    def __init__(self, classes: int = 4, width: int = 16):
        super().__init__()
        self.embed = nn.Linear(9, width)
        layer = nn.TransformerEncoderLayer(width, 2, 32, dropout=0.0, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.head = nn.Linear(width, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.layers(self.embed(x)).amax(dim=1))


class TwoInputs(nn.Module):
    """An image and a vector of measurements, joined late; two outputs, one a number for every row."""

    def __init__(self):
        super().__init__()
        self.look = nn.Sequential(ConvNorm(1, 8, 3, 2, act=nn.ReLU()), ConvNorm(8, 8, 3, 2, act=nn.ReLU()), nn.Flatten())
        self.read = nn.Sequential(nn.Linear(5, 16), nn.Tanh())
        self.gate = nn.Linear(16, 8)
        self.join, self.angle, self.alarm = nn.Linear(8 * 16 + 16, 24), nn.Linear(24, 2), nn.Linear(24, 1)

    def forward(self, image: torch.Tensor, measured: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        read = self.read(measured)
        seen = self.look(image).unflatten(1, (8, 16)) * torch.sigmoid(self.gate(read)).unsqueeze(-1)
        x = F.relu(self.join(torch.cat((seen.flatten(1), read), 1)))
        return F.normalize(self.angle(x), dim=-1), torch.sigmoid(self.alarm(x)).squeeze(-1)
