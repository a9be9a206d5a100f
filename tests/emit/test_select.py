"""Which kernel is chosen and why, where ports lie, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from barecast import check, kernels, select, targets
from barecast.errors import ModelError, UnsupportedError
from barecast.graph import DType, GraphBuilder, Port, TensorType
from barecast.ops.binary import Binary
from barecast.ops.conv2d import Conv2d
from barecast.ops.dense import Dense
from barecast.options import Options
from barecast.schedule import Buffer, Const, Kernel, View
from barecast.targets import Target

from tests.cases import build
from tests.emit.hosted import HOST
from tests.emit.networks import NETWORKS

F32 = (DType.F32, DType.F32)
PLAIN = Kernel("bc_binary_f32_c", "binary", F32)
DSP = Kernel("bc_binary_f32_dsp", "binary", F32, needs=frozenset({"dsp"}))
BOTH = Kernel("bc_binary_f32_mve", "binary", F32, needs=frozenset({"dsp", "mve"}))
EVEN = Kernel(
    "bc_binary_f32_even_c", "binary", F32, when=lambda p: p.extent4 % 2 == 0, requires="an even innermost extent"
)
OTHER = Kernel("bc_binary_s8_c", "binary", (DType.S8, DType.S8))
M4 = Target("m4", frozenset({"dsp"}))


def add(width: int):
    b = GraphBuilder("add")
    x, y, z = (b.tensor(n, TensorType(DType.F32, (1, width))) for n in "xyz")
    b.inputs += [Port("x", x), Port("y", y)]
    b.outputs.append(Port("z", z))
    b.add("binary", Binary("add"), [x, y], [z], ["the add"])
    return b.build()


def registry(*entries):
    return lambda op: entries if op == "binary" else kernels.for_op(op)


@pytest.mark.parametrize(
    ("target", "options", "width", "chosen"),
    [
        (M4, Options(), 4, DSP),
        (HOST, Options(), 4, EVEN),
        (HOST, Options(), 3, PLAIN),
        (M4, Options(kernels="c"), 4, EVEN),
        (Target("m55", frozenset({"dsp", "mve"})), Options(), 3, BOTH),
    ],
)
def test_the_first_entry_that_fits_wins(target, options, width, chosen):
    (step,) = select.run(add(width), target, options, registry(OTHER, BOTH, DSP, EVEN, PLAIN)).steps
    assert step.kernel is chosen


def test_explain_says_why_each_better_entry_was_refused():
    entries = registry(OTHER, BOTH, EVEN, PLAIN)
    (choice,) = select.explain(add(3), M4, Options(), entries)
    assert (choice.op, choice.source, choice.kernel) == ("binary", ("the add",), "bc_binary_f32_c")
    assert [(r.kernel, r.reason) for r in choice.refused] == [
        ("bc_binary_f32_mve", "needs mve, which m4 has not"),
        ("bc_binary_f32_even_c", "requires an even innermost extent"),
    ]
    (choice,) = select.explain(add(4), M4, Options(kernels="c"), entries)
    assert [(r.kernel, r.reason) for r in choice.refused] == [("bc_binary_f32_mve", "only plain C is asked for")]


def test_kernels_that_spend_flash_want_to_be_asked_for_and_to_pay():
    wide = replace(EVEN, needs=frozenset(), wide=True)
    slow = replace(wide, wide=False, pays=lambda params, target: False)
    entries = registry(wide, slow, PLAIN)
    (choice,) = select.explain(add(4), M4, Options(), entries)
    assert [r.reason for r in choice.refused] == [
        "spends flash or scratch memory: only with --weights wide",
        "would not be faster for these shapes on this core",
    ]
    (step,) = select.run(add(4), M4, Options(weights="wide"), entries).steps
    assert step.kernel is wide


def test_measured_costs_go_before_order_and_word(monkeypatch):
    """Both have to be measured on the core, and the one behind has to be able to run the call."""
    first = replace(EVEN, symbol="bc_first", pays=lambda params, target: False)
    second = replace(EVEN, symbol="bc_second")
    cost = {"bc_first": 90.0, "bc_second": 60.0}
    monkeypatch.setattr(select.costs, "estimate", lambda kernel, params, target: cost.get(kernel.symbol))

    def chosen(*entries) -> tuple[str, list[str]]:
        (choice,) = select.explain(add(4), M4, Options(), registry(*entries))
        return choice.kernel, [refusal.reason for refusal in choice.refused]

    reason = "would take 1.50 times as long as bc_second, by measured costs"
    assert chosen(first, second, PLAIN) == ("bc_second", [reason])
    cost["bc_second"] = 90.0
    assert chosen(first, second, PLAIN) == ("bc_first", [])
    cost["bc_second"] = 60.0
    no_rival = ["would not be faster for these shapes on this core"]
    assert chosen(first, replace(second, when=lambda params: False), PLAIN)[1][:1] == no_rival
    del cost["bc_second"]
    assert chosen(first, second, PLAIN) == ("bc_second", no_rival)


@pytest.mark.parametrize(("core", "pays"), [("cortex-m3", [False, True]), ("cortex-m0", [True, True])])
def test_a_plane_of_pairs_for_ten_outputs_or_more_on_cortex_m3(core, pays):
    (kernel,) = (one for one in kernels.for_op("dwconv2d") if one.symbol == "bc_dwconv2d_s8_k3x3_thumb")
    case = next(one for one in build.all_cases()["dwconv2d"] if one.name.startswith("s8 3x3 odd by odd"))
    (step,) = select.run(case.graph, targets.load("cortex-m0"), Options()).steps
    shapes = [replace(step.params, out_h=3, out_w=width) for width in (3, 4)]
    assert step.kernel is kernel
    assert [kernel.pays(params, targets.load(core)) for params in shapes] == pays


def test_no_kernel_at_all_names_every_node():
    message = '^Add "the add": bc_binary_f32_mve needs mve, which m4 has not; .+'
    with pytest.raises(UnsupportedError, match=message):
        select.run(add(4), M4, Options(), registry(OTHER, BOTH))
    with pytest.raises(UnsupportedError, match="there is no kernel for f32 -> f32"):
        select.run(add(4), M4, Options(), registry(OTHER))
    assert select.explain(add(4), M4, Options(), registry(OTHER))[0].kernel is None


def test_the_chosen_entry_gives_packing_and_scratch():
    def reverse(constants, params):
        """The weights backwards; bias and multiplier of a channel side by side."""
        weights, bias, multiplier = constants
        channels = np.stack([bias.data, multiplier.data], axis=1)
        return Const("weights", weights.data.reshape(-1)[::-1]), Const("channels", channels)

    def changed(op):
        backwards = {"pack": reverse, "scratch": lambda p: 4 * p.out_c}
        return tuple(replace(k, **backwards) if op == "conv2d" else k for k in kernels.for_op(op))

    graph = NETWORKS["chain"]()
    step = select.run(graph, HOST, Options(), changed).steps[1]
    weights, channels = step.constants
    assert [type(arg) for arg in step.args] == [Buffer, Const, Const, Buffer]
    assert channels.role == "channels" and channels.data.shape == (4, 2)
    assert weights.data.tolist() == graph.tensors["w"].data.reshape(-1)[::-1].tolist()
    assert not weights.data.flags.writeable and weights.data.flags.c_contiguous
    assert step.scratch == 16 and step.kernel.takes_scratch


def conv(weights_type: TensorType):
    b = GraphBuilder("conv")
    x = b.tensor("x", TensorType(DType.F32, (1, 4, 4, 2)))
    w = b.tensor("w", weights_type)
    b.inputs += [Port("x", x), Port("w", w)]
    y = b.tensor("y", TensorType(DType.F32, (1, 3, 3, 5)))
    b.outputs.append(Port("y", y))
    b.add("conv2d", Conv2d(), [x, w], [y], ["the conv"])
    return b.build()


def test_a_kernel_that_packs_weights_needs_them_constant():
    packing = replace(kernels.for_op("conv2d")[-1], symbol="bc_conv2d_f32_packed_c", pack=lambda c, p: c)

    def entries(op):
        return (packing, *kernels.for_op(op)) if op == "conv2d" else kernels.for_op(op)

    graph = conv(TensorType(DType.F32, (5, 2, 2, 2)))
    (choice,) = select.explain(graph, HOST, Options(), entries)
    assert choice.kernel == "bc_conv2d_f32_c"
    assert choice.refused[0].reason == "packs its weights, which are computed at run time here"
    (step,) = select.run(graph, HOST, Options(), entries).steps
    assert step.inputs == ("x", "w")


def test_an_operator_that_cannot_be_lowered_is_named():
    b = GraphBuilder("dense")
    x, w, y = (b.tensor(n, TensorType(DType.F32, s)) for n, s in (("x", (1, 4)), ("w", (3, 4)), ("y", (1, 3))))
    b.inputs += [Port("x", x), Port("w", w)]
    b.outputs.append(Port("y", y))
    b.add("dense", Dense(), [x, w], [y], ["the layer"])
    with pytest.raises(ModelError, match=r'fully connected 4 to 3 "the layer": weights are computed at run time'):
        select.run(b.build(), HOST, Options())


def test_candidates_are_all_that_fit():
    found = select.candidates(NETWORKS["table"](), M4, Options())
    assert [k.symbol for k in found][-1] == "bc_table_s8_c"
    assert all(k.dtypes == (DType.U8, DType.U8) for k in found)


def test_views_need_no_step():
    schedule = select.run(NETWORKS["chain"](), HOST, Options())
    assert [s.op for s in schedule.steps] == ["quantize", "conv2d", "dense", "dequantize"]
    assert schedule.views["v"] == View("c")
    assert schedule.root("v") == ("c", 0)


def test_ports_that_share_memory_are_copied():
    schedule = select.run(NETWORKS["branches"](), HOST, Options())
    check.schedule(schedule)
    assert [s.op for s in schedule.steps] == ["binary", "binary", "place", "place", "copy", "copy", "copy", "copy"]
    assert [b.name for b in schedule.outputs] == ["joined", "again", "flat", "input", "fixed", "sum"]
    assert [b.buffer for b in schedule.outputs if b.name in ("joined", "sum")] == ["j", "s"]
    assert [s.inputs for s in schedule.steps[4:]] == [("j",), ("flat",), ("x",), ()]
    (constant,) = schedule.steps[-1].constants
    assert constant.role == "operand" and constant.data.shape == (5,)
    assert "unused" in schedule.buffers


def test_equal_constants_are_one_array():
    first, second = select.run(NETWORKS["branches"](), HOST, Options()).steps[:2]
    assert first.constants[0].data is second.constants[0].data
    assert np.array_equal(first.constants[0].data, np.linspace(-1, 1, 4, dtype=np.float32))


def test_the_name_is_a_c_prefix():
    graph = replace(NETWORKS["table"](), name="3 strange/name")
    assert select.run(graph, HOST, Options()).name == "model_3_strange_name"
    assert select.run(graph, HOST, Options(name="net")).name == "net"


@pytest.mark.parametrize(
    ("outputs", "kernel"),
    [(2, "bc_dense_s8_c"), (5, "bc_dense_s8_c"), (8, "bc_dense_s8_thumb"), (10, "bc_dense_s8_c"), (11, "bc_dense_s8_thumb")],
)
def test_eight_outputs_at_a_time_are_for_layers_that_fill_them(outputs, kernel):
    weights = build.Constant(np.ones((outputs, 64), np.int8), build.quant(0.01))
    graph = build.case("few", "dense", Dense(), (build.s8(1, 64), weights, None), (DType.S8, build.quant(0.4))).graph
    assert select.run(graph, targets.load("cortex-m0"), Options(name="k")).steps[0].kernel.symbol == kernel
