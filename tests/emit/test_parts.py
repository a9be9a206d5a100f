"""Concatenations and slices of whole rows take no copy, and the C computes the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from barecast import reference, select
from barecast.graph import Graph, GraphBuilder, Port
from barecast.ops.binary import Binary
from barecast.ops.concat import Concat
from barecast.ops.reshape import Reshape
from barecast.ops.slice import Slice
from barecast.ops.unary import Unary
from barecast.options import Options
from barecast.schedule import View

from tests.cases.build import f32, rng, s8
from tests.emit import hosted


class Net:
    """A network of float rows: every method adds a node and returns its result."""

    def __init__(self) -> None:
        self._b = GraphBuilder("net")

    def input(self, *shape: int) -> str:
        name = self._b.tensor("x", f32(*shape))
        self._b.inputs.append(Port(name, name))
        return name

    def constant(self, *shape: int) -> str:
        return self._b.constant("c", rng("parts").normal(0, 1, shape).astype(np.float32))

    def unary(self, x: str, kind: str = "exp") -> str:
        return self._add("unary", Unary(kind), [x], self._shape(x))

    def add(self, *operands: str) -> str:
        return self._add("binary", Binary("add"), operands, self._shape(operands[0]))

    def flat(self, x: str) -> str:
        shape = (1, int(np.prod(self._shape(x))))
        return self._add("reshape", Reshape(shape), [x], shape)

    def concat(self, axis: int, *parts: str) -> str:
        shape = list(self._shape(parts[0]))
        shape[axis] = sum(self._shape(part)[axis] for part in parts)
        return self._add("concat", Concat(axis), parts, tuple(shape))

    def rows(self, x: str, axis: int, begin: int, size: int, step: int = 1) -> str:
        shape = self._shape(x)
        begins = tuple(begin if k == axis else 0 for k in range(len(shape)))
        sizes = tuple(size if k == axis else extent for k, extent in enumerate(shape))
        steps = tuple(step if k == axis else 1 for k in range(len(shape)))
        return self._add("slice", Slice(begins, sizes, steps), [x], sizes)

    def graph(self, *outputs: str) -> Graph:
        self._b.outputs += [Port(f"out{k}", name) for k, name in enumerate(outputs)]
        return self._b.build()

    def _shape(self, name: str) -> tuple[int, ...]:
        return self._b.tensors[name].type.shape

    def _add(self, op: str, attrs: object, inputs: tuple[str, ...] | list[str], shape: tuple[int, ...]) -> str:
        result = self._b.tensor(op, f32(*shape))
        self._b.add(op, attrs, list(inputs), [result], [op])
        return result


def joined(n: Net) -> Graph:
    x = n.input(1, 3, 4)
    return n.graph(n.concat(1, n.unary(x), n.add(x, x)))


def joined_then_used(n: Net) -> Graph:
    x = n.input(1, 3, 4)
    return n.graph(n.unary(n.concat(1, n.unary(x), n.add(x, x), n.unary(x, "square"))))


def of_an_input_and_a_constant(n: Net) -> Graph:
    x = n.input(1, 3, 4)
    return n.graph(n.concat(1, x, n.unary(x), n.constant(1, 2, 4)))


def across_rows(n: Net) -> Graph:
    x = n.input(1, 3, 4)
    return n.graph(n.concat(2, n.unary(x), n.add(x, x)))


def part_that_makes_the_next(n: Net) -> Graph:
    x = n.input(1, 3, 4)
    a = n.unary(x)
    return n.graph(n.concat(1, a, n.add(a, a)))


def part_of_two(n: Net) -> Graph:
    x = n.input(1, 3, 4)
    a, b = n.unary(x), n.add(x, x)
    return n.graph(n.concat(1, a, b), n.concat(1, b, a))


def twice_in_one(n: Net) -> Graph:
    a = n.unary(n.input(1, 3, 4))
    return n.graph(n.concat(1, a, a))


def part_that_is_an_output(n: Net) -> Graph:
    x = n.input(1, 3, 4)
    a = n.unary(x)
    return n.graph(a, n.concat(1, a, n.add(x, x)))


def joined_twice(n: Net) -> Graph:
    x = n.input(1, 3, 4)
    inner = n.concat(1, n.unary(x), n.add(x, x))
    return n.graph(n.concat(1, n.unary(x, "square"), inner))


def flattened(n: Net) -> Graph:
    x = n.input(1, 3, 4)
    return n.graph(n.concat(1, n.flat(n.unary(x)), n.flat(n.add(x, x))))


def sliced(n: Net) -> Graph:
    x = n.unary(n.input(1, 6, 4))
    return n.graph(n.add(n.rows(x, 1, 0, 3), n.rows(x, 1, 3, 3)))


def slice_of_a_slice(n: Net) -> Graph:
    x = n.rows(n.unary(n.input(1, 6, 4)), 1, 1, 5)
    return n.graph(n.unary(n.rows(x, 1, 2, 2)))


def every_other_row(n: Net) -> Graph:
    return n.graph(n.unary(n.rows(n.unary(n.input(1, 6, 4)), 1, 0, 3, 2)))


def columns(n: Net) -> Graph:
    return n.graph(n.unary(n.rows(n.unary(n.input(1, 6, 4)), 2, 1, 2)))


def slice_that_is_an_output(n: Net) -> Graph:
    return n.graph(n.flat(n.rows(n.unary(n.input(1, 6, 4)), 1, 2, 3)))


def slice_joined_again(n: Net) -> Graph:
    x = n.unary(n.input(1, 6, 4))
    return n.graph(n.concat(1, n.rows(x, 1, 3, 3), n.rows(x, 1, 0, 3)))


def part_and_a_slice_of_it(n: Net) -> Graph:
    a = n.unary(n.input(1, 6, 4))
    return n.graph(n.concat(1, a, n.rows(a, 1, 2, 3)))


def part_and_what_it_is_joined_into(n: Net) -> Graph:
    x = n.input(1, 3, 4)
    a = n.unary(x)
    return n.graph(n.concat(1, n.concat(1, a, n.add(x, x)), a))


COPIES = {
    joined: 0,
    joined_then_used: 0,
    of_an_input_and_a_constant: 2,
    across_rows: 2,
    part_that_makes_the_next: 0,
    part_of_two: 2,
    twice_in_one: 2,
    part_that_is_an_output: 1,
    joined_twice: 0,
    flattened: 0,
    sliced: 0,
    slice_of_a_slice: 0,
    every_other_row: 1,
    columns: 1,
    slice_that_is_an_output: 1,
    slice_joined_again: 2,
    part_and_a_slice_of_it: 2,
    part_and_what_it_is_joined_into: 2,
}


@pytest.mark.parametrize("make", COPIES, ids=lambda make: make.__name__)
def test_copies(make: Callable[[Net], Graph], tmp_path: Path) -> None:
    graph = make(Net())
    made = hosted.stages(graph)
    assert sum(step.op in ("place", "slice", "copy") for step in made.schedule.steps) == COPIES[make]
    shapes = {port.name: graph.type(port.tensor).shape for port in graph.inputs}
    inputs = {name: rng("parts in").normal(0, 1, shape).astype(np.float32) for name, shape in shapes.items()}
    want = reference.run(graph, inputs)
    for name, got in hosted.run(hosted.build(made.tree, tmp_path), made, inputs, runs=2).items():
        np.testing.assert_allclose(got, want[name], rtol=1e-5, err_msg=name)


def test_a_part_begins_at_a_whole_word() -> None:
    """The second part would begin at byte 5, where no kernel loads words."""
    b = GraphBuilder("net")
    x, parts, y = b.tensor("x", s8(1, 5)), [b.tensor(f"part {k}", s8(1, 5)) for k in range(2)], b.tensor("y", s8(1, 10))
    b.inputs.append(Port("x", x))
    b.outputs.append(Port("y", y))
    for part in parts:
        b.add("binary", Binary("add"), [x, x], [part], [part])
    b.add("concat", Concat(1), parts, [y], ["concat"])
    schedule = select.run(b.build(), hosted.HOST, Options())
    assert [step.op for step in schedule.steps] == ["binary", "binary", "place"]
    assert schedule.views == {"part 0": View("y")}
