"""What an operator is: its attributes, shape rule, exact numpy execution and lowering to a kernel call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from barecast.graph import Call, Tensor, TensorType
from barecast.schedule import Arg, Buffer, Const, Lowered

FLOATS_ONLY = frozenset(("alpha", "beta", "y_max_f", "y_min_f"))
"""Fields of params structs that kernels on integers never look at: 0 there."""

INTEGERS_ONLY = frozenset(
    """a_first a_mult a_rest a_scale a_shift a_zero acc_wide b_mult b_rest b_scale b_shift b_zero bias by_sum columns_first
    fused lanes per_channel shift ties w_wide wide x_scale x_zero y_back y_max y_min y_mult y_offset y_scale y_shift
    y_zero""".split()  # noqa: SIM905
)
"""Fields of params structs that kernels on floats never look at: 0 there."""

HALVES_ONLY = frozenset(
    "a_first a_rest a_scale b_rest b_scale by_sum columns_first fused lanes x_scale y_back y_offset y_scale".split()  # noqa: SIM905
)
"""Fields of params structs by which float32 decides about halves where `ties` is 1, and that are 0 elsewhere."""


def argument(tensor: Tensor) -> Arg:
    """A tensor as an argument of a kernel's call: a constant, or the buffer in which it is computed."""
    return Const("operand", tensor.data) if tensor.is_constant else Buffer(tensor.name)


@dataclass(frozen=True)
class Op:
    """One operator of the graph. Each module of barecast.ops has one, named OP.

    attrs: frozen dataclass of the attributes that the model states (strides, pads, axis ...).
    params: frozen dataclass of int and float fields with the field names, in the order, of
        the C struct bc_<name>_params in runtime_c/kernels/<name>/<name>.h; None for an
        operator that never becomes a kernel call (a view).
    infer: (attrs, input types) -> output shapes; raises ModelError(reason, remedy=...)
        where the attributes or shapes contradict each other. It looks at shapes only.
    execute: (call, arrays) -> arrays: numpy, float and integer, exactly the arithmetic of
        the C. `arrays` has one array per input of the call (constants too), None if absent.
    lower: call -> Lowered, or a tuple of them: kernel calls in order, which together write the output.
    title: call -> a few words for people, e.g. "depthwise Conv 3x3 + Relu".
    updates: (input, output) pairs of one type that may be the same bytes: what every kernel of the operator keeps from
        one run to the next and moves on in place.
    """

    name: str
    attrs: type
    infer: Callable[[Any, tuple[TensorType | None, ...]], tuple[tuple[int, ...], ...]]
    execute: Callable[[Call, tuple[np.ndarray | None, ...]], tuple[np.ndarray, ...]]
    lower: Callable[[Call], Lowered | tuple[Lowered, ...]] | None = None
    params: type | None = None
    title: Callable[[Call], str] | None = None
    updates: tuple[tuple[int, int], ...] = ()

    @property
    def is_view(self) -> bool:
        """The output has the input's bytes: no kernel is needed."""
        return self.lower is None
