"""The layers that the digits network is trained with: numpy, channels-last, forward and backward.

Every layer has the same three methods and nothing else is needed to train:

    forward(x, training)   the output; keeps what backward needs
    backward(gradient)     gradient of the loss by the output -> gradient by the input;
                           fills `gradients`, one array for each of `weights`
    weights, gradients     lists of arrays of equal shapes, changed in place by the optimiser

Images are float32 [N, H, W, C]. Kernels are 3x3 or 1x1, the padding keeps the size (before the stride).
"""

from __future__ import annotations

import numpy as np


class Layer:
    """A layer without weights; those that have some set both lists."""

    def __init__(self) -> None:
        self.weights: list[np.ndarray] = []
        self.gradients: list[np.ndarray] = []

    def own(self, *weights: np.ndarray) -> None:
        self.weights = list(weights)
        self.gradients = [np.zeros_like(weight) for weight in weights]


def _windows(x: np.ndarray, kernel: int, stride: int) -> np.ndarray:
    """[N, H, W, C] -> [N, H / stride, W / stride, C, kernel, kernel], zero-padded by kernel // 2."""
    edge = kernel // 2
    padded = np.pad(x, ((0, 0), (edge, edge), (edge, edge), (0, 0)))
    return np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), (1, 2))[:, ::stride, ::stride]


def _scatter(windows: np.ndarray, size: tuple[int, int], stride: int) -> np.ndarray:
    """The transpose of `_windows`: adds every window back where it came from. `size` is (H, W)."""
    count, rows, columns, channels, kernel, _ = windows.shape
    edge = kernel // 2
    padded = np.zeros((count, size[0] + 2 * edge, size[1] + 2 * edge, channels), windows.dtype)
    for row in range(kernel):
        for column in range(kernel):
            target = padded[:, row : row + stride * rows : stride, column : column + stride * columns : stride]
            target += windows[..., row, column]
    return padded[:, edge : edge + size[0], edge : edge + size[1]]


class Conv(Layer):
    """Convolution without bias (batch normalisation follows); weight [O, C, kernel, kernel]."""

    def __init__(self, random: np.random.Generator, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__()
        spread = np.sqrt(2 / (inputs * kernel * kernel))
        self.own(random.normal(0, spread, (outputs, inputs, kernel, kernel)).astype(np.float32))

    def forward(self, x: np.ndarray, training: bool) -> np.ndarray:
        (weight,) = self.weights
        self.size = x.shape[1:3]
        self.windows = _windows(x, weight.shape[2], 1)
        self.columns = self.windows.reshape(-1, weight[0].size)
        return (self.columns @ weight.reshape(len(weight), -1).T).reshape(*x.shape[:3], len(weight))

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        (weight,) = self.weights
        flat = gradient.reshape(-1, len(weight))
        self.gradients[0][...] = (flat.T @ self.columns).reshape(weight.shape)
        return _scatter((flat @ weight.reshape(len(weight), -1)).reshape(self.windows.shape), self.size, 1)


class DepthwiseConv(Layer):
    """3x3 convolution of every channel by itself, without bias; weight [C, 3, 3]."""

    def __init__(self, random: np.random.Generator, channels: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.own(random.normal(0, np.sqrt(2 / 9), (channels, 3, 3)).astype(np.float32))

    def forward(self, x: np.ndarray, training: bool) -> np.ndarray:
        self.size = x.shape[1:3]
        self.windows = _windows(x, 3, self.stride)
        return np.einsum("nhwcij,cij->nhwc", self.windows, self.weights[0])

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        self.gradients[0][...] = np.einsum("nhwcij,nhwc->cij", self.windows, gradient)
        return _scatter(gradient[..., None, None] * self.weights[0], self.size, self.stride)


class BatchNorm(Layer):
    """Batch normalisation over all but the last axis; weights: scale [C] and shift [C]."""

    epsilon = 1e-5
    momentum = 0.95

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.own(np.ones(channels, np.float32), np.zeros(channels, np.float32))
        self.mean, self.variance = np.zeros(channels, np.float32), np.ones(channels, np.float32)

    def forward(self, x: np.ndarray, training: bool) -> np.ndarray:
        mean, variance = self.mean, self.variance
        if training:
            mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
            self.mean = self.momentum * self.mean + (1 - self.momentum) * mean
            self.variance = self.momentum * self.variance + (1 - self.momentum) * variance
        self.deviation = np.sqrt(variance + self.epsilon)
        self.normal = (x - mean) / self.deviation
        return self.normal * self.weights[0] + self.weights[1]

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        axes = (0, 1, 2)
        self.gradients[0][...] = (gradient * self.normal).sum(axes)
        self.gradients[1][...] = gradient.sum(axes)
        inner = gradient * self.weights[0]
        return (inner - inner.mean(axes) - self.normal * (inner * self.normal).mean(axes)) / self.deviation

    def affine(self) -> tuple[np.ndarray, np.ndarray]:
        """(factor [C], offset [C]) that this layer is at inference, to be folded into the convolution before it."""
        factor = self.weights[0] / np.sqrt(self.variance + self.epsilon)
        return factor, self.weights[1] - self.mean * factor


class Relu(Layer):
    """max(x, 0)."""

    def forward(self, x: np.ndarray, training: bool) -> np.ndarray:
        self.positive = x > 0
        return x * self.positive

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        return gradient * self.positive


class GlobalAverage(Layer):
    """The mean of every channel: [N, H, W, C] -> [N, C]."""

    def forward(self, x: np.ndarray, training: bool) -> np.ndarray:
        self.shape = x.shape
        return x.mean((1, 2))

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        _, height, width, _ = self.shape
        return np.broadcast_to(gradient[:, None, None] / np.float32(height * width), self.shape)


class Dense(Layer):
    """x @ weight.T + bias; weight [O, C], bias [O]."""

    def __init__(self, random: np.random.Generator, inputs: int, outputs: int) -> None:
        super().__init__()
        weight = random.normal(0, np.sqrt(1 / inputs), (outputs, inputs)).astype(np.float32)
        self.own(weight, np.zeros(outputs, np.float32))

    def forward(self, x: np.ndarray, training: bool) -> np.ndarray:
        self.x = x
        return x @ self.weights[0].T + self.weights[1]

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        self.gradients[0][...] = gradient.T @ self.x
        self.gradients[1][...] = gradient.sum(0)
        return gradient @ self.weights[0]


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean softmax cross-entropy of logits [N, classes] and labels [N]; (loss, gradient by the logits)."""
    shifted = logits - logits.max(1, keepdims=True)
    odds = np.exp(shifted)
    probability = odds / odds.sum(1, keepdims=True)
    rows = np.arange(len(labels))
    loss = -np.log(np.maximum(probability[rows, labels], 1e-12)).mean()
    probability[rows, labels] -= 1
    return float(loss), probability / len(labels)


class Adam:
    """Adam with decoupled weight decay (AdamW) over the weights of `layers`."""

    def __init__(self, layers: list[Layer], decay: float) -> None:
        self.layers, self.decay, self.count = layers, decay, 0
        self.moments = [(np.zeros_like(w), np.zeros_like(w)) for layer in layers for w in layer.weights]

    def step(self, rate: float) -> None:
        """One update of every weight from the gradients of the last backward, in place."""
        self.count += 1
        pairs = [pair for layer in self.layers for pair in zip(layer.weights, layer.gradients, strict=True)]
        for (weight, gradient), (first, second) in zip(pairs, self.moments, strict=True):
            first += 0.1 * (gradient - first)
            second += 0.001 * (gradient**2 - second)
            change = (first / (1 - 0.9**self.count)) / (np.sqrt(second / (1 - 0.999**self.count)) + 1e-8)
            weight -= rate * (change + self.decay * weight)
