"""The model's inputs with every extent known: what the file states, completed by the user's --shape options."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence

from onnx import TensorProto

from barecast.errors import BarecastError, ModelError, UnsupportedError, UsageError, printable
from barecast.frontends.onnx.arrays import ELEMENTS_MAX, type_name
from barecast.frontends.onnx.foreign import ForeignInput
from barecast.graph import RANK_MAX, DType, TensorType

DTYPES = {
    TensorProto.FLOAT: DType.F32,
    TensorProto.INT8: DType.S8,
    TensorProto.UINT8: DType.U8,
    TensorProto.BOOL: DType.BOOL,
}

EXAMPLE = 32
"""Stands in messages for an extent that the file leaves open."""


def types(
    inputs: tuple[ForeignInput, ...], shapes: Mapping[str, tuple[int, ...]]
) -> tuple[dict[str, TensorType], tuple[BarecastError, ...]]:
    """Input name -> its type, and what is wrong with the inputs that have none there.

    Raises UsageError where `shapes` contradicts the model.
    """
    known = {i.name: i for i in inputs}
    for name in shapes:
        if name not in known:
            listed = ", ".join(printable(n) for n in known)
            raise UsageError(
                f'a shape is given for "{printable(name)}", which is no input of the model', remedy=f"inputs: {listed}"
            )
    symbols: dict[str, int] = {}
    for one in inputs:
        if one.name in shapes:
            _bind(one, tuple(shapes[one.name]), symbols)
    found: dict[str, TensorType] = {}
    problems: list[BarecastError] = []
    open_inputs = []
    for one in inputs:
        if one.elem_type not in DTYPES:
            problems.append(
                UnsupportedError(
                    f'input "{printable(one.name)}" is {type_name(one.elem_type)}; float, int8, uint8 and bool are supported',
                    remedy="export the model in float32 or with int8 quantisation",
                )
            )
            continue
        shape = shapes.get(one.name)
        if shape is None and one.dims is not None:
            shape = tuple(symbols.get(d, d) if isinstance(d, str) else d for d in one.dims)
        if shape is None or any(not isinstance(d, int) for d in shape):
            open_inputs.append(one)
            continue
        made = TensorType(DTYPES[one.elem_type], tuple(shape))
        if len(shape) > RANK_MAX:
            problems.append(
                ModelError(
                    f'input "{printable(one.name)}" has {len(shape)} axes; {RANK_MAX} are the most',
                    remedy="remove axes of extent 1",
                )
            )
            continue
        if made.size > ELEMENTS_MAX:
            problems.append(
                ModelError(
                    f'input "{printable(one.name)}" has {made.size} elements, more than {ELEMENTS_MAX}',
                    remedy="use smaller extents",
                )
            )
            continue
        found[one.name] = made
    if open_inputs:
        names = ", ".join(f'"{printable(i.name)}" {_spelt(i)}' for i in open_inputs)
        problems.append(
            UsageError(f"the shape is not fixed of input {names}", remedy=f"give {_suggested(open_inputs)}")
        )
    return found, tuple(problems)


def _bind(one: ForeignInput, shape: tuple[int, ...], symbols: dict[str, int]) -> None:
    """Checks a shape that the user gave against the file's, and notes what its symbols stand for."""
    option = f'the shape [{",".join(str(d) for d in shape)}] for "{printable(one.name)}"'
    if any(not isinstance(d, int) or d < 1 for d in shape):
        raise UsageError(f"{option} has an extent below 1", remedy="give positive extents")
    if one.dims is None:
        return
    if len(shape) != len(one.dims):
        raise UsageError(
            f"{option} has {len(shape)} extents, the input has {len(one.dims)}: {_spelt(one)}",
            remedy=f"give {_suggested([one])}",
        )
    for wanted, dim in zip(shape, one.dims, strict=True):
        fixed = symbols.setdefault(dim, wanted) if isinstance(dim, str) else dim
        if fixed is not None and fixed != wanted:
            raise UsageError(
                f"{option} contradicts the model, whose input is {_spelt(one)}"
                + (f" with {printable(dim)} = {fixed}" if isinstance(dim, str) else ""),
                remedy=f"give {fixed} in the place of {wanted}",
            )


def _spelt(one: ForeignInput) -> str:
    if one.dims is None:
        return "of unknown rank"
    return "[" + ",".join("?" if d is None else printable(d) for d in one.dims) + "]"


def _suggested(inputs: Sequence[ForeignInput]) -> str:
    """Options to paste, with 1 for an open batch and a number for all else that is open; and which are examples."""
    options, python, examples = [], [], []
    for one in inputs:
        dims = (None,) * 4 if one.dims is None else one.dims
        numbers = [d if isinstance(d, int) else 1 if axis == 0 else EXAMPLE for axis, d in enumerate(dims)]
        options.append("--shape " + shlex.quote(f"{printable(one.name)}={','.join(map(str, numbers))}"))
        python.append(f"{json.dumps(printable(one.name))}: {tuple(numbers)}")
        if one.dims is None:
            examples.append(f'the number of extents of "{printable(one.name)}" and all of them')
        else:
            of = f' of "{printable(one.name)}"' if len(inputs) > 1 else ""
            examples += [
                (f"axis {axis}" if d is None else printable(d)) + of
                for axis, d in enumerate(dims)
                if axis > 0 and not isinstance(d, int)
            ]
    given = f"{' '.join(options)} (in Python shapes={{{', '.join(python)}}})"
    if not examples:
        return given
    named = list(dict.fromkeys(examples))
    return f"{given} with your own number{'s' * (len(named) > 1)} for {' and '.join(named)}"
