"""Is the file a flatbuffer whose every part lies inside of it? Checked before anything is read.

The reading library follows offsets without looking, so a damaged file would give nonsense or exceptions of any
kind. This walks the tables that the frontend reads, by the slots of TensorFlow Lite's schema (version 3). What the
frontend does not read (metadata, signatures, options of operators that it refuses) is not walked.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from barecast.errors import ModelError

REMEDY = "the file is damaged or no TensorFlow Lite model; export it again"

OBJECTS_MAX = 400_000
"""References from one part of a file to another."""


@dataclass(frozen=True)
class Scalar:
    bytes: int


@dataclass(frozen=True)
class Vector:
    """Of scalars of that many bytes (1 for a string too)."""

    bytes: int


@dataclass(frozen=True)
class Table:
    name: str


@dataclass(frozen=True)
class Tables:
    """A vector of tables."""

    name: str


@dataclass(frozen=True)
class Options:
    """A union whose type is the slot before. operators: the options of an operator, else a vector of sparse indices."""

    operators: bool = True

    @property
    def members(self) -> Mapping[int, Mapping[int, Kind]]:
        """Union member -> its slots; others are not walked."""
        return OPTIONS if self.operators else INDICES


Kind = Scalar | Vector | Table | Tables | Options

BYTE, INT, LONG = Scalar(1), Scalar(4), Scalar(8)
BYTES, INTS, LONGS = Vector(1), Vector(4), Vector(8)

TABLES: Mapping[str, Mapping[int, Kind]] = {
    "Model": {0: INT, 1: Tables("OperatorCode"), 2: Tables("SubGraph"), 3: BYTES, 4: Tables("Buffer")},
    "OperatorCode": {0: BYTE, 1: BYTES, 2: INT, 3: INT},
    "SubGraph": {0: Tables("Tensor"), 1: INTS, 2: INTS, 3: Tables("Operator"), 4: BYTES},
    "Tensor": {
        0: INTS, 1: BYTE, 2: INT, 3: BYTES, 4: Table("Quantization"), 5: BYTE, 6: Table("Sparsity"), 7: INTS, 8: BYTE,
    },
    "Quantization": {2: Vector(4), 3: LONGS, 4: BYTE, 6: INT},
    "Sparsity": {0: INTS, 1: INTS, 2: Tables("Dimension")},
    "Dimension": {0: BYTE, 1: INT, 2: BYTE, 3: Options(False), 4: BYTE, 5: Options(False)},
    "Operator": {0: INT, 1: INTS, 2: INTS, 3: BYTE, 4: Options(), 5: BYTES, 6: BYTE, 8: INTS},
    "Buffer": {0: BYTES, 1: LONG, 2: LONG},
}  # fmt: skip


OPTIONS: Mapping[int, Mapping[int, Kind]] = {
    1: {0: BYTE, 1: INT, 2: INT, 3: BYTE, 4: INT, 5: INT, 6: BYTE},  # Conv2D
    2: {0: BYTE, 1: INT, 2: INT, 3: INT, 4: BYTE, 5: INT, 6: INT},  # DepthwiseConv2D
    5: {0: BYTE, 1: INT, 2: INT, 3: INT, 4: INT, 5: BYTE},  # Pool2D
    6: {0: INT, 1: BYTE, 2: BYTE},  # SVDF
    8: {0: BYTE, 1: BYTE, 2: BYTE, 3: BYTE, 4: BYTE},  # FullyConnected
    9: {0: INT},  # Softmax
    10: {0: INT, 1: BYTE},  # Concatenation
    11: {0: BYTE, 1: BYTE},  # Add
    12: {0: BYTE},  # L2Norm
    15: {2: BYTE, 3: BYTE},  # ResizeBilinear
    17: {0: INTS},  # Reshape
    19: {0: INT},  # SpaceToDepth
    21: {0: BYTE},  # Mul
    23: {0: INT, 1: INT},  # Gather
    27: {0: BYTE},  # Reducer
    28: {0: BYTE, 1: BYTE},  # Sub
    29: {0: BYTE},  # Div
    30: {0: INTS},  # Squeeze
    32: {0: INT, 1: INT, 2: INT, 3: INT, 4: INT, 5: BYTE},  # StridedSlice
    35: {0: INT},  # Split
    40: {0: BYTE},  # ArgMax
    49: {0: BYTE, 1: INT, 2: INT, 3: BYTE},  # TransposeConv
    57: {0: BYTE},  # ArgMin
    59: {0: INT, 1: INT},  # Pack
    64: {0: INT, 1: INT},  # Unpack
    71: {0: BYTE, 1: INT, 2: INT, 3: BYTE, 4: BYTE, 5: BYTE},  # UnidirectionalSequenceLSTM
    74: {0: BYTE, 1: BYTE},  # ResizeNearestNeighbor
    75: {0: INT},  # LeakyRelu
    77: {0: BYTE},  # MirrorPad
    79: {0: INT},  # SplitV
    92: {0: INT, 1: INT},  # If
    93: {0: INT, 1: INT},  # While
    94: {0: INT},  # DepthToSpace
    101: {0: BYTE, 1: BYTE, 2: BYTE},  # BatchMatMul
    102: {0: BYTE, 1: BYTE},  # Cumsum
    103: {0: INT},  # CallOnce
    111: {0: BYTES, 1: BYTES},  # VarHandle
}
"""Union member (BuiltinOptions) -> its slots."""


INDICES: Mapping[int, Mapping[int, Kind]] = {1: {0: INTS}, 2: {0: Vector(2)}, 3: {0: BYTES}}
"""Union member (SparseIndexVector) -> its slots."""


def check(data: bytes) -> None:
    """Raises ModelError unless the whole structure lies within the file."""
    if len(data) < 8 or data[4:8] != b"TFL3":
        raise ModelError("the file does not start like a TensorFlow Lite model", remedy=REMEDY)
    _Walk(data).run()


class _Walk:
    def __init__(self, data: bytes):
        self.data = data
        self.seen: set[tuple[int, str]] = set()
        self.references = 0
        self.pending: list[tuple[int, str, Mapping[int, Kind]]] = []

    def run(self) -> None:
        self._want(0, "Model", TABLES["Model"])
        while self.pending:
            place, name, slots = self.pending.pop()
            self._table(place, name, slots)

    def _want(self, at: int, name: str, slots: Mapping[int, Kind]) -> None:
        """The table that the offset stored at `at` leads to."""
        place = at + self._number("<I", at, f"offset of a {name}")
        self.references += 1
        if self.references > OBJECTS_MAX:
            raise ModelError(f"the file has more than {OBJECTS_MAX} parts", remedy=REMEDY)
        if (place, name) not in self.seen:
            self.seen.add((place, name))
            self.pending.append((place, name, slots))

    def _number(self, code: str, at: int, what: str) -> int:
        if not 0 <= at <= len(self.data) - struct.calcsize(code):
            raise ModelError(f"{what} lies at {at}, outside of the file's {len(self.data)} bytes", remedy=REMEDY)
        return struct.unpack_from(code, self.data, at)[0]

    def _table(self, place: int, name: str, slots: Mapping[int, Kind]) -> None:
        vtable = place - self._number("<i", place, f"a {name}")
        size = self._number("<H", vtable, f"the layout of a {name}")
        extent = self._number("<H", vtable + 2, f"the layout of a {name}")
        if size < 4 or size % 2 or vtable + size > len(self.data) or extent < 4 or place + extent > len(self.data):
            raise ModelError(f"the layout of a {name} at {place} is impossible", remedy=REMEDY)
        count = (size - 4) // 2
        offsets = struct.unpack_from(f"<{count}H", self.data, vtable + 4)
        for slot, kind in slots.items():
            if slot < count and offsets[slot]:
                width = kind.bytes if isinstance(kind, Scalar) else 4
                if not 4 <= offsets[slot] <= extent - width:
                    raise ModelError(f"field {slot} of a {name} at {place} lies outside of it", remedy=REMEDY)
                self._field(place + offsets[slot], kind, name, self._member(slot, place, offsets, kind))

    def _member(self, slot: int, place: int, offsets: tuple[int, ...], kind: Kind) -> int:
        """The member of a union, 0 if there is none."""
        if not isinstance(kind, Options) or not offsets[slot - 1]:
            return 0
        return self._number("<B", place + offsets[slot - 1], "the type of an operator's options")

    def _field(self, at: int, kind: Kind, name: str, member: int) -> None:
        match kind:
            case Table(inner):
                self._want(at, inner, TABLES[inner])
            case Options():
                if member in kind.members:
                    what = "table of options" if kind.operators else "vector of indices"
                    self._want(at, f"{what} {member}", kind.members[member])
            case Vector(width):
                self._vector(at, width, name)
            case Tables(inner):
                start, count = self._vector(at, 4, name)
                for index in range(count):
                    self._want(start + 4 * index, inner, TABLES[inner])

    def _vector(self, at: int, width: int, name: str) -> tuple[int, int]:
        place = at + self._number("<I", at, f"a vector of a {name}")
        count = self._number("<I", place, f"a vector of a {name}")
        if place + 4 + count * width > len(self.data):
            raise ModelError(f"a vector of a {name} has {count} entries, which end behind the file", remedy=REMEDY)
        return place + 4, count
