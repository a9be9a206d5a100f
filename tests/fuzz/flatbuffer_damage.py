"""Changes of a TensorFlow Lite model that leave most of it a flatbuffer: numbers, counts, offsets, layouts."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

import numpy as np
from barecast.frontends.tflite import structure

from tests.fuzz.protobuf_damage import INTEGERS, REALS

_CODES = {1: "<B", 2: "<H", 4: "<I", 8: "<Q"}
ELEMENTS_MAX = 64
"""So many elements of one vector are places to change; weights are not all of the file."""


@dataclass
class _Places:
    """Positions: of scalars with their width, of offsets to tables by the table's name, of counts, of layout entries."""

    scalars: list[tuple[int, int]] = field(default_factory=list)
    offsets: dict[str, list[int]] = field(default_factory=dict)
    counts: list[int] = field(default_factory=list)
    layout: list[int] = field(default_factory=list)


def damaged(data: bytes, rng: np.random.Generator) -> bytes:
    """The file with one to four things changed. Equal generators give equal files."""
    places, changed = _places(data), bytearray(data)
    for _ in range(int(rng.integers(1, 5))):
        _change(changed, places, rng)
    return bytes(changed)


def _change(data: bytearray, places: _Places, rng: np.random.Generator) -> None:
    how = rng.random()
    if how < 0.65:
        at, width = places.scalars[int(rng.integers(len(places.scalars)))]
        _set(data, at, width, rng)
    elif how < 0.8:  # another table of the same kind
        name = list(places.offsets)[int(rng.integers(len(places.offsets)))]
        at, other = (places.offsets[name][int(i)] for i in rng.integers(0, len(places.offsets[name]), 2))
        target = other + struct.unpack_from("<I", data, other)[0]
        struct.pack_into("<I", data, at, (target - at) % 2**32)
    elif how < 0.9:
        at = places.counts[int(rng.integers(len(places.counts)))]
        count = struct.unpack_from("<I", data, at)[0]
        struct.pack_into("<I", data, at, max(0, count + int(rng.integers(-2, 3))) if rng.random() < 0.7 else 2**31 - 1)
    else:
        at = places.layout[int(rng.integers(len(places.layout)))]
        struct.pack_into("<H", data, at, 0 if rng.random() < 0.6 else int(rng.integers(0, 64)))


def _set(data: bytearray, at: int, width: int, rng: np.random.Generator) -> None:
    code = _CODES[width]
    old = struct.unpack_from(code, data, at)[0]
    how = rng.random()
    if how < 0.4:
        new = old + int(rng.integers(-2, 3))
    elif how < 0.55 and width == 4:
        real = REALS[int(rng.integers(len(REALS)))]
        data[at : at + 4] = np.float32(real).tobytes()
        return
    elif how < 0.6:
        new = int(rng.integers(0, 256))
    else:
        new = INTEGERS[int(rng.integers(len(INTEGERS)))]
    struct.pack_into(code, data, at, new % 2 ** (8 * width))


def _places(data: bytes) -> _Places:
    """Of a sound file."""
    found, seen = _Places(), set()
    pending = [(0, "Model", structure.TABLES["Model"])]
    while pending:
        at, name, slots = pending.pop()
        found.offsets.setdefault(name, []).append(at)
        place = at + struct.unpack_from("<I", data, at)[0]
        if (place, name) in seen:
            continue
        seen.add((place, name))
        layout = place - struct.unpack_from("<i", data, place)[0]
        count = (struct.unpack_from("<H", data, layout)[0] - 4) // 2
        found.layout += [layout, layout + 2, *(layout + 4 + 2 * slot for slot in range(count))]
        for slot, kind in slots.items():
            offset = struct.unpack_from("<H", data, layout + 4 + 2 * slot)[0] if slot < count else 0
            if not offset:
                continue
            match kind:
                case structure.Scalar(width):
                    found.scalars.append((place + offset, width))
                case structure.Table(inner):
                    pending.append((place + offset, inner, structure.TABLES[inner]))
                case structure.Options():
                    kind_at = struct.unpack_from("<H", data, layout + 4 + 2 * (slot - 1))[0]
                    member = data[place + kind_at]
                    if kind_at and member in kind.members:
                        pending.append((place + offset, f"options {member}", kind.members[member]))
                case structure.Vector(width):
                    start, length = _vector(data, place + offset, found)
                    found.scalars += [(start + width * i, width) for i in range(min(length, ELEMENTS_MAX))]
                case structure.Tables(inner):
                    start, length = _vector(data, place + offset, found)
                    pending += [(start + 4 * i, inner, structure.TABLES[inner]) for i in range(length)]
    return found


def _vector(data: bytes, at: int, found: _Places) -> tuple[int, int]:
    place = at + struct.unpack_from("<I", data, at)[0]
    found.counts.append(place)
    return place + 4, struct.unpack_from("<I", data, place)[0]
