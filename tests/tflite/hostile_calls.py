"""Files whose subgraphs, loops and variables are wrong, each in one way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tests.tflite.build import RESOURCE, G, O, Sparse, T, const, model
from tests.tflite.variables import F32, S8, Var, add, if_, init, once, while_


def branching(*graphs: G, condition: T | None = None, first: int = 1, second: int = 2, outputs: int = 1) -> bytes:
    """An IF between the graphs 1 and 2."""
    c, x = condition or T((1,), np.bool_), T((2,), **F32)
    ys = [T((2,), **F32) for _ in range(outputs)]
    return model([if_(c, (x,), ys, first, second)], (c, x), ys[:1] or (x,), graphs)


def through(shape=(2,), **how) -> G:
    x = T(shape, **(how or F32))
    return G([], (x,), (x,))


def calling(*numbers: int) -> G:
    """A graph of a condition and a tensor that runs an IF into each of these graphs, both branches the same."""
    c, x = T((1,), np.bool_), T((2,), **F32)
    operators, now = [], x
    for number in numbers:
        y = T((2,), **F32)
        operators.append(if_(c, (c, now), (y,), number, number))
        now = y
    return G(operators, (c, x), (now,))


def looping(condition: G, body: G, carried: Sequence[T] = ()) -> bytes:
    x, n = T((2,), **F32), const([0])
    given = list(carried) or [x, n]
    outs = [T(t.shape, t.dtype) for t in given]
    return model([while_(given, outs)], (x,), (outs[0],), [condition, body])


def counting(limit: int, step: int = 1) -> tuple[G, G]:
    """The graphs of a loop up to a limit."""
    cx, cn, less = T((2,), **F32), T((1,), np.int32), T((1,), np.bool_)
    bx, bn, bx1, bn1 = T((2,), **F32), T((1,), np.int32), T((2,), **F32), T((1,), np.int32)
    return (
        G([O("LESS", (cn, const([limit])), (less,))], (cx, cn), (less,)),
        G([add(bx, bx, bx1), add(bn, const([step]), bn1)], (bx, bn), (bx1, bn1)),
    )


def reading(*more: G, calls: Sequence[O] = (), shape=(2,), dtype=np.float32, options=True) -> bytes:
    """Reads a variable and adds it to the input."""
    v, x, y, held = Var("v"), T((2,), **F32), T((2,), **F32), T(shape, dtype)
    handle = v.handle() if options else O("VAR_HANDLE", (), (v.tensor,))
    return model([*calls, handle, v.read(held), add(x, held, y)], (x,), (y,), more)


def files() -> Iterator[tuple[str, bytes]]:
    """(name, bytes); every one is wrong."""
    good = through()
    for index in (-1, 0, 3, 2**31 - 1, -(2**31)):
        yield f"IF into subgraph {index}", branching(good, good, first=index)
        yield f"CALL_ONCE of subgraph {index}", reading(init(("v", const([1, 2], np.float32))), calls=[once(index)])
        x, y = T((2,), **F32), T((2,), **F32)
        yield f"WHILE into subgraph {index}", model([while_((x,), (y,), index, 1)], (x,), (y,), [good, good])
    yield "branch that calls itself", model_of(calling(1))
    yield "branches that call each other", model_of(calling(2), calling(1))
    yield "branch that calls the model", model_of(calling(0))
    yield "twice as many calls on each of 20 levels", model_of(*(calling(n + 2, n + 2) for n in range(20)), leaf())
    yield "condition of float32", branching(good, good, condition=T((1,), **F32))
    yield "condition of two values", branching(good, good, condition=T((2,), np.bool_))
    yield "condition of none", branching(good, good, condition=T((0,), np.bool_))
    yield "branches of other shapes", branching(good, through((3,)))
    yield "branches of other types", branching(good, through((2,), dtype=np.int32))
    yield "branch without inputs", branching(good, G([], (), ()))
    yield "branch without outputs", branching(good, G([], (T((2,), **F32),), ()))
    yield "branch with two outputs", branching(good, two())
    yield "more outputs than the branches have", branching(good, good, outputs=2)
    yield "branch with a constant as input", branching(good, fixed())
    yield "loop without an end", looping(*counting(5, step=0))
    yield "loop of two thousand million rounds", looping(*counting(2**31 - 1))
    yield "loop of 257 rounds", looping(*counting(257))
    x, less = T((2,), **F32), T((1,), np.bool_)
    n = T((1,), np.int32)
    yield (
        "loop whose condition is an input",
        looping(G([O("LESS", (x, x), (T((2,), np.bool_),))], (x, n), (x,)), two_of(n)),
    )
    yield "loop whose condition is a number", looping(G([], (T((2,), **F32), n), (n,)), two_of(n))
    yield "loop whose condition has two outputs", looping(G([], (x, less), (x, less)), two_of(n))
    yield "loop whose body loses a value", looping(counting(5)[0], G([], (x, n), (x,)))
    yield "loop whose body turns values", looping(counting(5)[0], G([], (x, n), (n, x)))
    yield "loop without values", model([while_((), ())], (x,), (x,), [G([]), G([])])
    yield "loops in loops in loops", nested_loops()
    yield "variable without options", reading(options=False)
    yield "variable of 2**31 - 1 bytes", reading(shape=(2**31 - 1,), dtype=np.int8)
    yield "variable of 2**26 elements", reading(shape=(2**26,))
    yield "variable of another size", sized()
    yield "initial value of another type", reading(init(("v", const([1, 2], np.int32))), calls=[once(1)])
    yield "initial value of another size", reading(init(("v", const([1, 2, 3], np.float32))), calls=[once(1)])
    yield "initialised after it is read", late()
    yield "initialiser that reads", reading(self_reading(), calls=[once(1)])
    yield "initialiser with an input", reading(through(), calls=[once(1)])
    yield "initialiser that calls itself", reading(G([once(1)]), calls=[once(1)])
    yield "initialisers that call each other", reading(G([once(2)]), G([once(1)]), calls=[once(1)])
    yield "initialiser that computes an unknown thing", reading(unknown(), calls=[once(1)])
    v, held, y = Var("v"), T((2,), **F32), T((2,), **F32)
    yield (
        "assigned another type",
        model([v.handle(), v.read(held), v.assign(const([1, 2])), add(x, held, y)], (x,), (y,)),
    )
    yield "read from no variable", model([O("READ_VARIABLE", (x,), (y,))], (x,), (y,))
    yield "assigned to no variable", model([O("ASSIGN_VARIABLE", (x, x), ()), add(x, x, y)], (x,), (y,))
    yield "variable as an output", model([v.handle(), add(x, x, y)], (x,), (y, v.tensor))
    yield "variable as an input", model([add(x, x, y)], (x, T((), RESOURCE)), (y,))
    yield "variable added to", model([v.handle(), add(x, v.tensor, y)], (x,), (y,))
    kept = T((2,), variable=True, **S8)
    yield "variable tensor that is computed", model([O("RELU", (kept,), (kept,))], (kept,), (kept,))
    yield "variable tensor of 2**31 - 1 bytes", model([add(T((2**31 - 1,), variable=True, **S8), x, y)], (x,), (y,))


    for name, sparse, values in (
        ("without levels", Sparse((), (), ()), [1.0]),
        ("with one level too few", Sparse((0,), (), (2,)), [1.0, 2]),
        ("whose order repeats an axis", Sparse((0, 0), (), (2, 3)), [1.0] * 6),
        ("with a level too large", Sparse((0, 1), (), (2, 4)), [1.0] * 8),
        ("with a level of 2**31 - 1", Sparse((0, 1), (), (2**31 - 1, 3)), [1.0]),
        ("with a negative level", Sparse((0, 1), (), (-2, 3)), [1.0]),
        ("with too few values", Sparse((0, 1), (), (2, 3)), [1.0] * 5),
        ("with too many values", Sparse((0, 1), (), (2, 3)), [1.0] * 7),
        ("with an index beyond its axis", Sparse((0, 1), (), (2, ([0, 1, 2], [1, 3], "Int32Vector"))), [1.0, 2]),
        ("with a negative index", Sparse((0, 1), (), (2, ([0, 1, 2], [1, -1], "Int32Vector"))), [1.0, 2]),
        ("with segments that fall", Sparse((0, 1), (), (2, ([0, 2, 1], [1, 2], "Int32Vector"))), [1.0, 2]),
        ("with segments beyond its indices", Sparse((0, 1), (), (2, ([0, 1, 9], [1, 2], "Uint8Vector"))), [1.0, 2]),
        ("with too few segments", Sparse((0, 1), (), (2, ([0, 1], [1], "Uint16Vector"))), [1.0]),
        ("with blocks along no axis", Sparse((0, 1, 2), (5,), (2, 3, 1)), [1.0] * 6),
        ("with blocks of 0", Sparse((0, 1, 2), (1,), (2, 3, 0)), [1.0] * 6),
        ("with blocks that do not divide", Sparse((0, 1, 2), (1,), (2, 1, 2)), [1.0] * 4),
        ("with compressed blocks", Sparse((0, 1, 2), (1,), (2, 3, ([0, 1], [0], "Uint8Vector"))), [1.0]),
    ):
        yield f"sparse weights {name}", weighted(T((2, 3), data=np.array(values, np.float32), sparse=sparse, **F32))
    wide = Sparse((0, 1), (), (2, ([0, 0, 0], [], "Int32Vector")))
    yield "sparse weights of 2**31 - 2 elements", weighted(
        T((2, 2**30 - 1), data=np.zeros(0, np.float32), sparse=wide, **F32)
    )


def weighted(w: T) -> bytes:
    """Reads sparse weights."""
    dense, x, y = T(w.shape, **F32), T((1, 3), **F32), T((1, 2), **F32)
    layer = O("FULLY_CONNECTED", (x, dense, None), (y,), ("FullyConnectedOptions", {}))
    return model([O("DENSIFY", (w,), (dense,)), layer], (x,), (y,))


def model_of(*graphs: G) -> bytes:
    c, x, y = T((1,), np.bool_), T((2,), **F32), T((2,), **F32)
    return model([if_(c, (c, x), (y,), 1, 1)], (c, x), (y,), graphs)


def leaf() -> G:
    c, x = T((1,), np.bool_), T((2,), **F32)
    return G([], (c, x), (x,))


def two() -> G:
    x = T((2,), **F32)
    return G([], (x,), (x, x))


def two_of(n: T) -> G:
    x = T((2,), **F32)
    m = T(n.shape, n.dtype)
    return G([], (x, m), (x, m))


def fixed() -> G:
    x = const([1, 2], np.float32)
    return G([], (x,), (x,))


def nested_loops() -> bytes:
    """200 rounds of 200 rounds of 200 rounds."""
    condition, body = counting(200)
    graphs = [condition]
    for depth in range(2):
        x, n, x1, n1 = T((2,), **F32), T((1,), np.int32), T((2,), **F32), T((1,), np.int32)
        ignored = T((1,), np.int32)
        graphs.append(
            G([while_((x, const([0])), (x1, ignored), 1, depth + 3), add(n, const([1]), n1)], (x, n), (x1, n1))
        )
    return looping_from([*graphs, body])


def looping_from(graphs: Sequence[G]) -> bytes:
    x, y, n = T((2,), **F32), T((2,), **F32), T((1,), np.int32)
    return model([while_((x, const([0])), (y, n), 1, 2)], (x,), (y,), graphs)


def sized() -> bytes:
    v, x, y, short, long = Var("v"), T((2,), **F32), T((2,), **F32), T((2,), **F32), T((3,), **F32)
    return model([v.handle(), v.read(short), v.read(long), add(x, short, y)], (x,), (y,))


def late() -> bytes:
    v, x, y, held = Var("v"), T((2,), **F32), T((2,), **F32), T((2,), **F32)
    initial = init(("v", const([1, 2], np.float32)))
    return model([v.handle(), v.read(held), once(1), add(x, held, y)], (x,), (y,), [initial])


def self_reading() -> G:
    v, held = Var("v"), T((2,), **F32)
    return G([v.handle(), v.read(held), v.assign(held)])


def unknown() -> G:
    v, made = Var("v"), T((2,), **F32)
    return G([v.handle(), O("HASHTABLE", (), (made,)), v.assign(made)])
