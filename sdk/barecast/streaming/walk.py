"""In which order the layers of a part compute their rows, and how many rows that holds between them.

Everything is drawn by the result: each of its rows makes the layers before it compute the rows that it needs and that
are not there yet, no more. Nothing is computed twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from barecast.rows import FED
from barecast.streaming.layers import Layer, Part


@dataclass(frozen=True)
class Walk:
    """order: as in Stream. rows: the most that are held of each inner buffer; passing: those that are there only from
    their layer to the last one that reads them. moved: rows of each that are moved in all."""

    order: tuple[int, ...]
    rows: Mapping[str, int]
    passing: frozenset[str]
    moved: Mapping[str, int]


def walks(part: Part) -> tuple[Walk, ...]:
    """The orders worth a try: they differ in which operand of an addition is drawn first."""
    joins = any(len([name for name in layer.inputs if name in part.inner]) > 1 for layer in part.layers)
    return tuple(_Walker(part, turned).run() for turned in ((False, True) if joins else (False,)))


@dataclass
class _Tensor:
    """rows that were computed so far, the first that is held, and the most that ever were."""

    readers: tuple[Layer, ...]
    computed: int = 0
    first: int = 0
    most: int = 0
    moved: int = 0
    passing: bool = True


@dataclass
class _Walker:
    part: Part
    turned: bool
    order: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        layers = self.part.layers
        self._maker = {layer.output: layer for layer in layers}
        self._inner = {
            name: _Tensor(tuple(layer for layer in layers if name in layer.inputs)) for name in self.part.inner
        }
        self._done = {layer.output: 0 for layer in layers}
        self._draws = {
            layer.step: tuple(name for name in layer.inputs if name in self._inner)[:: -1 if self.turned else 1]
            for layer in layers
        }
        self._waiting: set[str] = set()

    def run(self) -> Walk:
        for _ in range(self._maker[self.part.result].rows):
            self._compute(self._maker[self.part.result])
        inner = self._inner
        return Walk(
            tuple(self.order),
            {name: tensor.most for name, tensor in inner.items()},
            frozenset(name for name, tensor in inner.items() if tensor.passing and tensor.most == 1),
            {name: tensor.moved for name, tensor in inner.items()},
        )

    def _compute(self, layer: Layer) -> None:
        """The next row of a layer, and before it all that it needs."""
        row = self._done[layer.output]
        for name in self._draws[layer.step]:
            tensor, end = self._inner[name], layer.reach.end(row)
            while tensor.computed < end:
                if name == self.part.fed:
                    self._happen(FED, name)
                else:
                    self._compute(self._maker[name])
        self._happen(layer.step, layer.output)

    def _happen(self, step: int, name: str) -> None:
        self.order.append(step)
        for waiting in self._waiting:
            tensor = self._inner[waiting]
            if waiting == self.part.fed or not self._maker[waiting].step <= step <= tensor.readers[-1].step:
                tensor.passing = False
        if name in self._inner:
            self._keep(self._inner[name])
        if step != FED:
            self._done[name] += 1
        for touched in (name, *(self._draws[step] if step != FED else ())):
            if touched in self._inner and self._is_wanted(self._inner[touched]):
                self._waiting.add(touched)
            else:
                self._waiting.discard(touched)

    def _is_wanted(self, tensor: _Tensor) -> bool:
        return any(self._needs(layer) < tensor.computed for layer in tensor.readers)

    def _needs(self, layer: Layer) -> int:
        """The first row of its inputs that a layer still reads; beyond all rows if it is done."""
        row = self._done[layer.output]
        return layer.reach.height if row == layer.rows else layer.reach.first(row)

    def _keep(self, tensor: _Tensor) -> None:
        """Makes room for a row: what no reader needs any more goes, the rest moves to the front."""
        first = min(layer.reach.first(self._done[layer.output]) for layer in tensor.readers)
        first = max(tensor.first, min(first, tensor.computed))
        tensor.moved += tensor.computed - first if first > tensor.first else 0
        tensor.first = first
        tensor.computed += 1
        tensor.most = max(tensor.most, tensor.computed - first)
