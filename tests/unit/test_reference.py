"""The reference runs whole graphs and refuses inputs that do not fit, by the author's names."""

from __future__ import annotations

import numpy as np
import pytest
from barecast import reference
from barecast.errors import InternalError, UsageError
from barecast.graph import GraphBuilder, Port
from barecast.ops.binary import Binary
from barecast.ops.reshape import Reshape

from tests.cases.build import f32


def graph(result=(1, 6)):
    """out = flat(x + 1), ports by names of their own."""
    b = GraphBuilder("net")
    x, y, z = b.tensor("x", f32(2, 3)), b.tensor("y", f32(2, 3)), b.tensor("z", f32(*result))
    one = b.constant("one", np.ones((), np.float32))
    b.inputs.append(Port("in\n", x))
    b.outputs.append(Port("out", z))
    b.add("binary", Binary("add"), [x, one], [y])
    b.add("reshape", Reshape((1, 6)), [y], [z])
    return b.build()


X = np.arange(6, dtype=np.float32).reshape(2, 3)


def test_run_and_trace():
    assert reference.run(graph(), {"in\n": X})["out"].tolist() == [[1, 2, 3, 4, 5, 6]]
    values = reference.trace(graph(), {"in\n": X})
    assert set(values) == {"x", "y", "z", "one"}
    assert values["y"].tolist() == (X + 1).tolist()


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({}, r'no data for input "in\\n"; give an array for each of: in\\n'),
        ({"in\n": X, "more": X}, 'the model has no input "more"'),
        ({"in\n": X.astype(np.float64)}, r"is float64 \[2, 3\], the model wants float32 \[2, 3\]"),
        ({"in\n": X[0]}, r"is float32 \[3\], the model wants float32 \[2, 3\]"),
    ],
)
def test_inputs_that_do_not_fit(inputs, message):
    with pytest.raises(UsageError, match=message):
        reference.run(graph(), inputs)


def test_an_execution_that_breaks_its_type_is_a_bug_that_shows():
    with pytest.raises(InternalError, match=r"execution of reshape gave float32 \[1, 6\] for z"):
        reference.run(graph(result=(6, 1)), {"in\n": X})
