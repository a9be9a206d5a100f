"""Classifiers and regressors of scikit-learn as skl2onnx writes them. Needs scikit-learn and skl2onnx."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import skl2onnx
from sklearn.base import is_classifier
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, Normalizer, RobustScaler, StandardScaler
from sklearn.svm import LinearSVC

FEATURES = 6
SHAPES = {"X": (1, FEATURES)}
"""What --shape fixes: the batch is open in every file."""


@dataclass(frozen=True)
class Estimator:
    """build: makes it, not fitted. target: of the samples' features [N, FEATURES], what it learns [N] or [N, K]."""

    build: Callable[[], Any]
    target: Callable[[np.ndarray], np.ndarray]


def _two(x: np.ndarray) -> np.ndarray:
    """Two classes whose labels are not their places."""
    return np.where(x[:, 0] + x[:, 1] > 0, 7, -3)


def _three(x: np.ndarray) -> np.ndarray:
    return (x[:, 0] + x[:, 1] ** 2 > 0.5).astype(int) + (x[:, 2] > 0.3)


def _number(x: np.ndarray) -> np.ndarray:
    return x @ np.linspace(-1, 1, FEATURES) + x[:, 0] ** 2


def _numbers(x: np.ndarray) -> np.ndarray:
    return np.stack([x[:, 0] - x[:, 3], x[:, 1] * 2 + 1], axis=1)


_mlp = partial(dict, max_iter=30, random_state=1)

ESTIMATORS: Mapping[str, Estimator] = {
    "StandardScaler, MLPClassifier": Estimator(
        lambda: make_pipeline(StandardScaler(), MLPClassifier(hidden_layer_sizes=(16,), **_mlp())), _three
    ),
    "MinMaxScaler, MLPClassifier of two": Estimator(
        lambda: make_pipeline(MinMaxScaler(), MLPClassifier(hidden_layer_sizes=(8, 8), activation="tanh", **_mlp())), _two
    ),
    "StandardScaler, MLPRegressor": Estimator(
        lambda: make_pipeline(StandardScaler(), MLPRegressor(hidden_layer_sizes=(16,), activation="logistic", **_mlp())),
        _number,
    ),
    "StandardScaler, LogisticRegression": Estimator(lambda: make_pipeline(StandardScaler(), LogisticRegression()), _three),
    "Normalizer, LogisticRegression of two": Estimator(lambda: make_pipeline(Normalizer(), LogisticRegression()), _two),
    "RobustScaler, LogisticRegression": Estimator(lambda: make_pipeline(RobustScaler(), LogisticRegression()), _three),
    "LinearSVC": Estimator(partial(LinearSVC, random_state=1), _three),
    "LinearSVC of two": Estimator(partial(LinearSVC, random_state=1), _two),
    "MaxAbsScaler, LinearRegression": Estimator(lambda: make_pipeline(MaxAbsScaler(), LinearRegression()), _numbers),
    "Normalizer by L1, Ridge": Estimator(lambda: make_pipeline(Normalizer("l1"), Ridge()), _number),
}


def export(estimator: Estimator, path: Path) -> None:
    """Fits it to noise and writes the file; a classifier's probabilities are a tensor (zipmap off)."""
    x = np.random.default_rng(1).standard_normal((200, FEATURES)).astype(np.float32)
    fitted = estimator.build()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted.fit(x, estimator.target(x))
        plain = is_classifier(fitted) and not isinstance(fitted, LinearSVC)
        made = skl2onnx.to_onnx(fitted, x[:1], options={"zipmap": False} if plain else None)
    path.write_bytes(made.SerializeToString())
