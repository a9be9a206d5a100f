"""Models with variables, made by hand: pieces to put them together, and cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests.tflite.build import RESOURCE, G, O, T, const, model, rng

S8 = {"scale": 0.5, "zero": -3}
F32 = {"dtype": np.float32}
TYPES = {"s8": S8, "f32": F32}


class Var:
    """A variable by its name; every graph needs its own handle to it."""

    def __init__(self, name: str, container: str = ""):
        self.options = ("VarHandleOptions", {"SharedName": name, "Container": container})
        self.tensor = T((), RESOURCE)

    def handle(self) -> O:
        return O("VAR_HANDLE", (), (self.tensor,), self.options)

    def read(self, to: T) -> O:
        return O("READ_VARIABLE", (self.tensor,), (to,), ("ReadVariableOptions", {}))

    def assign(self, value: T) -> O:
        return O("ASSIGN_VARIABLE", (self.tensor, value), (), ("AssignVariableOptions", {}))


def once(graph: int) -> O:
    return O("CALL_ONCE", (), (), ("CallOnceOptions", {"InitSubgraphIndex": graph}))


def add(a: T, b: T, y: T) -> O:
    return O("ADD", (a, b), (y,), ("AddOptions", {}))


def init(*values: tuple[str, T]) -> G:
    """The graph that gives variables their initial values."""
    operators: list[O] = []
    for name, value in values:
        var = Var(name)
        operators += [var.handle(), var.assign(value)]
    return G(operators)


@dataclass(frozen=True, eq=False)
class Stream:
    """A model and what feeds it, run after run: inputs by name, samples first."""

    name: str
    model: bytes
    inputs: dict[str, np.ndarray]


def stream(name: str, operators: Sequence[O], inputs: Sequence[T], outputs: Sequence[T], more=(), runs=6) -> Stream:
    generator, fed = rng(name), {}
    for index, t in enumerate(inputs):
        if np.dtype(t.dtype).kind == "f":
            fed[f"x{index}"] = generator.integers(-9, 9, (runs, *t.shape)).astype(np.float32)
        elif np.dtype(t.dtype) == np.bool_:
            fed[f"x{index}"] = generator.integers(0, 2, (runs, *t.shape)).astype(bool)
        else:
            fed[f"x{index}"] = generator.integers(-9, 10, (runs, *t.shape)).astype(t.dtype)
    return Stream(name, model(operators, inputs, outputs, more), fed)


def running_sum(kind: str, initial: str) -> Stream:
    """y = sum of all inputs so far. initial: constant, splat, computed, or none."""
    how = TYPES[kind]
    shape, v = (1, 4), Var("sum")
    x, old, new = T(shape, **how), T(shape, **how), T(shape, **how)
    more, calls = [], []
    plain = {k: value for k, value in how.items() if k != "dtype"}
    values = const([[5, 5, 5, 5]] if initial == "splat" else [[5, -2, 0, 7]], how.get("dtype", np.int8), **plain)
    if initial in ("constant", "splat"):
        more, calls = [init(("sum", values))], [once(1)]
    elif initial == "computed":
        made, inner = T(shape, **how), Var("sum")
        more, calls = [G([inner.handle(), add(values, values, made), inner.assign(made)])], [once(1)]
    operators = [*calls, v.handle(), v.read(old), add(x, old, new), v.assign(new)]
    return stream(f"sum {kind} {initial}", operators, (x,), (new,), more)


def order() -> Stream:
    """Reads before, between and after assignments; two handles to one variable."""
    x, old, between, after = (T((3,), **S8) for _ in range(4))
    first, second = T((3,), **S8), T((3,), **S8)
    v, same = Var("v"), Var("v")
    operators = [
        v.handle(), same.handle(), v.read(old), add(x, old, first), same.assign(first), v.read(between),
        add(between, x, second), v.assign(second), same.read(after),
    ]  # fmt: skip
    outputs = [T((3,), **S8) for _ in range(2)]
    operators += [add(old, after, outputs[0]), add(between, after, outputs[1])]
    return stream("order", operators, (x,), outputs)


def assigned_first() -> Stream:
    """What is always assigned before it is read needs no memory."""
    x, back, y, v = T((3,), **S8), T((3,), **S8), T((3,), **S8), Var("v")
    return stream("assigned first", [v.handle(), v.assign(x), v.read(back), add(x, back, y)], (x,), (y,))


def delays() -> Stream:
    """Three variables that hand their values on."""
    x, y = T((2, 2), **F32), T((2, 2), **F32)
    variables = [Var("d1"), Var("d2"), Var("d3")]
    held = [T((2, 2), **F32) for _ in variables]
    operators = [v.handle() for v in variables]
    operators += [v.read(t) for v, t in zip(variables, held, strict=True)]
    operators += [v.assign(t) for v, t in zip(variables, (x, *held), strict=False)]
    operators += [add(held[2], x, y)]
    return stream("delays", operators, (x,), (y,))


def swap() -> Stream:
    x, y, a, b = T((2,), **F32), T((2,), **F32), Var("a"), Var("b")
    held = [T((2,), **F32), T((2,), **F32)]
    more = [init(("a", const([1, 2], np.float32)), ("b", const([3, 9], np.float32)))]
    operators = [once(1), a.handle(), b.handle(), a.read(held[0]), b.read(held[1]), a.assign(held[1])]
    operators += [b.assign(held[0]), add(x, held[0], y)]
    return stream("swap", operators, (x,), (y,), more)


def window() -> Stream:
    """As streaming layers do it: the last rows of (kept, new) are kept for the next run."""
    x, kept, joined, rest = T((1, 1, 4), **S8), T((1, 3, 4), **S8), T((1, 4, 4), **S8), T((1, 3, 4), **S8)
    y, v = T((1, 4, 4), **S8), Var("rows")
    operators = [
        v.handle(), v.read(kept), O("CONCATENATION", (kept, x), (joined,), ("ConcatenationOptions", {"Axis": 1})),
        O("STRIDED_SLICE", (joined, const([0, 1, 0]), const([0, 4, 0]), const([1, 1, 1])), (rest,),
          ("StridedSliceOptions", {"BeginMask": 5, "EndMask": 5})),
        v.assign(rest), O("RELU", (joined,), (y,)),
    ]  # fmt: skip
    return stream("window", operators, (x,), (y,))


def handed_out() -> Stream:
    """The old value is an output, the input is kept."""
    x, old, v = T((2, 3), **S8), T((2, 3), **S8), Var("last")
    return stream("handed out", [v.handle(), v.read(old), v.assign(x)], (x,), (old,))


def untouched() -> Stream:
    """A variable that runs only read."""
    x, held, y, v = T((3,), **S8), T((3,), **S8), T((3,), **S8), Var("gain")
    operators = [once(1), v.handle(), v.read(held), add(x, held, y)]
    return stream("untouched", operators, (x,), (y,), [init(("gain", const([1, 2, 3], np.int8, **S8)))])


def if_(condition: T, inputs: Sequence[T], outputs: Sequence[T], first: int = 1, second: int = 2) -> O:
    options = ("IfOptions", {"ThenSubgraphIndex": first, "ElseSubgraphIndex": second})
    return O("IF", (condition, *inputs), outputs, options)


def while_(inputs: Sequence[T], outputs: Sequence[T], condition: int = 1, body: int = 2) -> O:
    options = ("WhileOptions", {"CondSubgraphIndex": condition, "BodySubgraphIndex": body})
    return O("WHILE", inputs, outputs, options)


def chain(op: str, shape=(2, 3), times: int = 1, how=S8) -> G:
    """A graph of one input and one output that applies the operator so many times, and adds."""
    x = T(shape, **how)
    operators, now = [], x
    for _ in range(times):
        y = T(shape, **how)
        operators.append(O(op, (now,), (y,)) if op != "ADD" else add(now, now, y))
        now = y
    return G(operators, (x,), (now,))


def choice() -> Stream:
    """A run-time condition between branches of one and of two steps."""
    c, x, y, z = T((1,), np.bool_), T((2, 3), **S8), T((2, 3), **S8), T((2, 3), **S8)
    operators = [if_(c, (x,), (y,)), add(x, y, z)]
    return stream("if", operators, (c, x), (z,), [chain("ADD"), chain("RELU", times=1)], runs=8)


def computed_choice() -> Stream:
    """The condition is computed from the input; one branch hands its input through, the other gives a constant."""
    x, c, y, z = T((1,), **F32), T((1,), np.bool_), T((1,), **F32), T((1,), **F32)
    a, b, fixed = T((1,), **F32), T((1,), **F32), const([77], np.float32)
    less = O("LESS", (x, const([0], np.float32)), (c,))
    return stream(
        "if computed",
        [less, if_(c, (x,), (y,)), add(x, y, z)],
        (x,),
        (z,),
        [G([], (a,), (a,)), G([], (b,), (fixed,))],
        runs=8,
    )


def two_results() -> Stream:
    c, x = T((1,), np.bool_), T((4,), **F32)
    outs, again = [T((4,), **F32) for _ in range(2)], T((4,), **F32)
    graphs = []
    for swap in (False, True):
        a, p, q = (T((4,), **F32) for _ in range(3))
        graphs.append(G([add(a, a, p), O("RELU", (a,), (q,))], (a,), (q, p) if swap else (p, q)))
    return stream(
        "if two results", [if_(c, (x,), outs), add(outs[0], x, again)], (c, x), (again, outs[1]), graphs, runs=8
    )


def nested() -> Stream:
    """An IF within a branch of an IF, and a subgraph that is called twice."""
    c, d, x, y = T((1,), np.bool_), T((1,), np.bool_), T((3,), **F32), T((3,), **F32)
    inner_c, inner_x, inner_y, doubled = T((1,), np.bool_), T((3,), **F32), T((3,), **F32), T((3,), **F32)
    first = G(
        [if_(inner_c, (inner_x,), (inner_y,), 3, 4), add(inner_y, inner_y, doubled)], (inner_c, inner_x), (doubled,)
    )
    other_c, other_x, made = T((1,), np.bool_), T((3,), **F32), T((3,), **F32)
    second = G([if_(other_c, (other_x,), (made,), 4, 3)], (other_c, other_x), (made,))
    more = [first, second, chain("ADD", (3,), 2, F32), chain("RELU", (3,), 1, F32)]
    return stream("if nested", [if_(c, (d, x), (y,))], (c, d, x), (y,), more, runs=12)


def counted_in_branch() -> Stream:
    """Variables that one branch moves on, and that both do; one that is first met in a branch."""
    c, x, y = T((1,), np.bool_), T((3,), **F32), T((3,), **F32)
    graphs = []
    for is_first in (True, False):
        a, old, new, v, w = T((3,), **F32), T((3,), **F32), T((3,), **F32), Var("v"), Var("w")
        last, out = T((3,), **F32), T((3,), **F32)
        operators = [v.handle(), w.handle(), v.read(old), w.read(last), add(a, old, new), add(last, new, out)]
        operators += [v.assign(new), w.assign(a)] if is_first else [w.assign(new)]
        graphs.append(G(operators, (a,), (out,)))
    u, held, moved = Var("u"), T((3,), **F32), T((3,), **F32)
    main = [u.handle(), u.read(held), if_(c, (x,), (y,)), add(held, y, moved), u.assign(moved)]
    return stream("if with variables", main, (c, x), (moved,), graphs, runs=12)


def assigned_in_branch() -> Stream:
    """A variable that one branch assigns without reading it, read afterwards."""
    c, x, y, z = T((1,), np.bool_), T((2, 3), **S8), T((2, 3), **S8), T((2, 3), **S8)
    a, v, outer, got = T((2, 3), **S8), Var("v"), Var("v"), T((2, 3), **S8)
    more = [G([v.handle(), v.assign(a)], (a,), (a,)), chain("RELU")]
    operators = [outer.handle(), if_(c, (x,), (y,)), outer.read(got), add(y, got, z)]
    return stream("if assigns", operators, (c, x), (z,), more, runs=12)


def loop(rounds: int, kind: str = "f32") -> Stream:
    """x is doubled as often as there are rounds."""
    x, n, x1, n1 = T((3,), **TYPES[kind]), const([0]), T((3,), **TYPES[kind]), T((1,), np.int32)
    y = T((3,), **TYPES[kind])
    cx, cn, more = T((3,), **TYPES[kind]), T((1,), np.int32), T((1,), np.bool_)
    condition = G([O("LESS", (cn, const([rounds])), (more,))], (cx, cn), (more,))
    bx, bn, bx1, bn1 = T((3,), **TYPES[kind]), T((1,), np.int32), T((3,), **TYPES[kind]), T((1,), np.int32)
    body = G([add(bx, bx, bx1), add(bn, const([1]), bn1)], (bx, bn), (bx1, bn1))
    operators = [while_((x, n), (x1, n1)), add(x1, x, y)]
    return stream(f"while {rounds} {kind}", operators, (x,), (y,), [condition, body])


STREAMS = (
    *(running_sum(kind, initial) for kind in TYPES for initial in ("constant", "splat", "computed", "none")),
    order(),
    assigned_first(),
    delays(),
    swap(),
    window(),
    handed_out(),
    untouched(),
    choice(),
    computed_choice(),
    two_results(),
    nested(),
    counted_in_branch(),
    assigned_in_branch(),
    loop(0),
    loop(5),
    loop(3, "s8"),
)
