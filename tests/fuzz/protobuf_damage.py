"""Changes of an ONNX model that leave it a protobuf message: any field of any message, by the descriptors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
from google.protobuf.descriptor import FieldDescriptor as Field

from tests.hostile.texts import KEYWORDS, TEXTS

INTEGERS = (
    0, 1, 2, 3, 4, 7, 8, 16, 17, -1, -2, -3, -128, 127, 128, 255, 256, 65535, 65536, 10**6, 2**24, 2**30, 2**31 - 1,
    2**31, -(2**31), 2**32, 2**32 - 1, 2**62, 2**63 - 1, -(2**63), 10**9, 10**12, 10**18,
)  # fmt: skip
REALS = (0.0, -0.0, 1.0, -1.0, 0.5, 1e-45, 1e-38, 1e38, 3.4028235e38, float("inf"), float("-inf"), float("nan"), 127.5)
OPERATORS = sorted({s.name for s in onnx.defs.get_all_schemas() if s.domain == ""})

_RANGES = {
    Field.TYPE_INT32: (-(2**31), 2**31 - 1),
    Field.TYPE_INT64: (-(2**63), 2**63 - 1),
    Field.TYPE_UINT64: (0, 2**64 - 1),
}


def damaged(data: bytes, rng: np.random.Generator) -> bytes:
    """The model with one to four things changed. Equal generators give equal models."""
    model = onnx.ModelProto.FromString(data)
    for _ in range(int(rng.integers(1, 5))):
        messages = list(_messages(model))
        names = sorted({n for node in model.graph.node for n in (*node.input, *node.output)})
        _change(messages[int(rng.integers(len(messages)))], messages, names, rng)
    return model.SerializeToString()


def _messages(message: Any) -> Iterator[Any]:
    yield message
    for field, value in message.ListFields():
        if field.type == Field.TYPE_MESSAGE:
            for inner in value if _repeated(field) else (value,):
                yield from _messages(inner)


def _repeated(field: Field) -> bool:
    """What newer protobuf packages call is_repeated, and older ones a label."""
    return field.is_repeated if hasattr(field, "is_repeated") else field.label == Field.LABEL_REPEATED


def _change(message: Any, messages: list[Any], names: list[str], rng: np.random.Generator) -> None:
    given = [field for field, _ in message.ListFields()]
    every = list(message.DESCRIPTOR.fields)
    fields = given if given and rng.random() < 0.8 else every
    field = fields[int(rng.integers(len(fields)))]
    if rng.random() < 0.12:
        message.ClearField(field.name)
    elif _repeated(field):
        _change_list(message, field, messages, names, rng)
    elif field.type == Field.TYPE_MESSAGE:
        others = [m for m in messages if m.DESCRIPTOR is field.message_type]
        if others:
            getattr(message, field.name).CopyFrom(_copy(others[int(rng.integers(len(others)))]))
        else:
            getattr(message, field.name).SetInParent()
    else:
        old = getattr(message, field.name)
        setattr(message, field.name, _scalar(field, old, names, rng))


def _change_list(message: Any, field: Field, messages: list[Any], names: list[str], rng: np.random.Generator) -> None:
    held = getattr(message, field.name)
    how = rng.random()
    if len(held) and how < 0.25:
        del held[int(rng.integers(len(held)))]
    elif len(held) > 1 and how < 0.4:
        a, b = (int(i) for i in rng.integers(0, len(held), 2))
        if field.type == Field.TYPE_MESSAGE:
            first = _copy(held[a])
            held[a].CopyFrom(held[b])
            held[b].CopyFrom(first)
        else:
            held[a], held[b] = held[b], held[a]
    elif field.type == Field.TYPE_MESSAGE:
        others = [m for m in messages if m.DESCRIPTOR is field.message_type]
        held.add().CopyFrom(_copy(others[int(rng.integers(len(others)))])) if others else held.add()
    elif len(held) and how < 0.85:
        at = int(rng.integers(len(held)))
        held[at] = _scalar(field, held[at], names, rng)
    else:
        held.append(_scalar(field, held[0] if len(held) else None, names, rng))


def _copy(message: Any) -> Any:
    made = type(message)()
    made.CopyFrom(message)
    return made


def _scalar(field: Field, old: Any, names: list[str], rng: np.random.Generator) -> Any:
    def pick(*values: Any) -> Any:
        return values[int(rng.integers(len(values)))]

    if field.type in _RANGES:
        low, high = _RANGES[field.type]
        near = (old or 0) + int(rng.integers(-2, 3))
        value = near if rng.random() < 0.3 else pick(*INTEGERS)
        return min(max(value, low), high)
    if field.type == Field.TYPE_ENUM:  # of this version of the protocol there are no other values
        return pick(*(v.number for v in field.enum_type.values))
    if field.type in (Field.TYPE_FLOAT, Field.TYPE_DOUBLE):
        return pick(*REALS) if rng.random() < 0.7 else float(rng.normal(0, 100))
    if field.type == Field.TYPE_STRING:
        if field.name == "op_type":
            return pick(*OPERATORS)
        if names and rng.random() < 0.6:
            return pick(*names)
        return pick("", *KEYWORDS, *TEXTS.values())
    if field.type == Field.TYPE_BYTES:
        return _bytes(bytes(old or b""), rng)
    return not old


def _bytes(old: bytes, rng: np.random.Generator) -> bytes:
    how = int(rng.integers(5))
    if how == 0:
        return old[: int(rng.integers(len(old) + 1))]
    if how == 1:
        return old + rng.bytes(int(rng.integers(1, 9)))
    if how == 2:
        return rng.bytes(len(old))
    if how == 3:
        real = np.float32(REALS[int(rng.integers(len(REALS)))]).tobytes()
        return (real * (len(old) // 4 + 1))[: len(old)]
    text = list(TEXTS.values())[int(rng.integers(len(TEXTS)))]
    return text.encode("utf-16-le", "surrogatepass")[: int(rng.integers(1, 200))]
