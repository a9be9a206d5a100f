import numpy as np
import pytest
from barecast import text
from barecast.passes.fold_qdq import fold_qdq

from tests.passes.expect import becomes, stays

X, Y = "{0.5@3}", "{0.25@-5}"


def layer(op: str, x: str, w: str, y: str, bias: str, wq: str = "{0.25@0}", extra: str = "") -> str:
    return f"""graph "g"
    input "x" %x: s8[{x}]{X}
    const %w: s8[{w}]{wq} = random(1)
    {bias}
    %xf: f32[{x}] = dequantize(%x)
    %wf: f32[{w}] = dequantize(%w)
    %f: f32[{y}] = {op}(%xf, %wf, {"%b" if bias else "_"}) {extra}
    %y: s8[{y}]{{32.0@-5}} = quantize(%f)
    output "y" %y
    """


def folded(op: str, x: str, w: str, y: str, bias: str, wq: str = "{0.25@0}", extra: str = "") -> str:
    return f"""graph "g"
    input "x" %x: s8[{x}]{X}
    const %w: s8[{w}]{wq} = random(1)
    {bias}
    %y: s8[{y}]{{32.0@-5}} = {op}(%x, %w, {"%b" if bias else "_"}) {extra}
    output "y" %y
    """


SHAPES = {
    "conv2d": ("1,4,4,2", "3,3,3,2", "1,2,2,3", "{0: 0.25@0 0.5@1 0.125@0}"),
    "dwconv2d": ("1,4,4,3", "3,3,3", "1,2,2,3", "{2: 0.25@0 0.5@1 0.125@0}"),
    "dense": ("2,5", "3,5", "2,3", "{0: 0.25@0 0.5@1 0.125@0}"),
}


@pytest.mark.parametrize("op", SHAPES)
@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("bias", ["none", "float", "integer"])
def test_layers(op: str, per_channel: bool, bias: str):
    x, w, y, axis = SHAPES[op]
    wq = axis if per_channel else "{0.25@0}"
    own = "{0: 0.125@0 0.25@0 0.0625@0}" if per_channel else "{0.125@0}"
    before = {
        "none": "",
        "float": "const %b: f32[3] = [3.0, -2.5, 100]",
        "integer": f"const %bi: s32[3]{own} = [24, -20, 801]\n%b: f32[3] = dequantize(%bi)",
    }[bias]
    after = "" if bias == "none" else f"const %b: s32[3]{own} = [0, 0, 0]"
    becomes(
        fold_qdq,
        layer(op, x, w, y, before, wq, "activation=clamp(0.0,600.0)"),
        folded(op, x, w, y, after, wq, "activation=clamp(0.0,600.0)"),
        tolerance=1,
    )


def bias_of(own: str, values: str, dtype: str = "s32") -> list[int]:
    made = (
        f"const %bi: {dtype}[3]{own} = {values}\n%b: f32[3] = dequantize(%bi)"
        if own
        else f"const %b: f32[3] = {values}"
    )
    graph = fold_qdq(text.loads(layer("dense", "2,5", "3,5", "2,3", made)))
    assert [n.op for n in graph.nodes] == ["dense"]
    bias = graph.tensors[graph.nodes[0].inputs[2]]
    assert bias.type.quant.scale == (0.125,) and bias.data.dtype == np.int32
    return bias.data.tolist()


def test_biases_are_rounded_to_even_once():
    assert bias_of("", "[0.0625, 0.1875, -0.0625]") == [0, 2, 0]
    assert bias_of("{0.25@0}", "[1, -2, 2147]") == [2, -4, 4294]
    assert bias_of("{0.0625@0}", "[1, 3, 5]") == [0, 2, 2]
    assert bias_of("{0.125@10}", "[1, 3, 5]") == [-9, -7, -5]


def test_a_scale_within_float32_rounding_keeps_the_integers():
    near = str(np.nextafter(np.float32(0.125), np.float32(1)))
    assert bias_of(f"{{{near}@0}}", "[2147483647, -2147483648, 8388609]") == [2147483647, -2147483648, 8388609]


def test_a_bias_beyond_32_bits_leaves_the_layer_in_floats():
    stays(fold_qdq, layer("dense", "2,5", "3,5", "2,3", "const %b: f32[3] = [1e9, 0, 0]"))


def single(before: str, x: str = "1,4,4,2", y: str = "1,4,4,2") -> str:
    return f"""graph "g"
    input "x" %x: s8[{x}]{X}
    %xf: f32[{x}] = dequantize(%x)
    %f: f32[{y}] = {before}
    %y: s8[{y}]{Y} = quantize(%f)
    output "y" %y
    """


@pytest.mark.parametrize(
    ("call", "y"),
    [
        ("pool2d({}) kind=avg kernel=(2,2) strides=(2,2)", "1,2,2,2"),
        ("reduce({}) kind=mean axes=(1,2) activation=clamp(-3.0,3.0)", "1,1,1,2"),
        ("unary({}) kind=sigmoid", "1,4,4,2"),
        ("unary({}) kind=tanh", "1,4,4,2"),
        ("unary({}) kind=clamp activation=clamp(0.0,6.0)", "1,4,4,2"),
        ("binary({0}, {0}) kind=mul", "1,4,4,2"),
        ("binary({0}, {0}) kind=add activation=clamp(0.0,inf)", "1,4,4,2"),
    ],
)
def test_one_input_any_quantisation(call: str, y: str):
    after = f'graph "g"\ninput "x" %x: s8[1,4,4,2]{X}\n%y: s8[{y}]{Y} = {call.format("%x")}\noutput "y" %y\n'
    # How halves are rounded is the integer operator's business (docs/numerics.md); tables have no choice.
    becomes(fold_qdq, single(call.format("%xf"), y=y), after, tolerance=0 if call.startswith("unary") else 1)


def test_softmax():
    before = single("softmax(%xf) axis=3").replace(Y, "{0.00390625@-128}")
    softmax = "%y: s8[1,4,4,2]{0.00390625@-128} = softmax(%x) axis=3"
    after = f'graph "g"\ninput "x" %x: s8[1,4,4,2]{X}\n{softmax}\noutput "y" %y\n'
    becomes(fold_qdq, before, after, tolerance=1)


@pytest.mark.parametrize(
    ("call", "y"),
    [
        ("pad({}) before=(0,1,0,0) after=(0,0,0,0) value=1.3", "1,5,4,2"),
        ("pad({}) before=(0,1,0,0) after=(0,0,0,0) value=-inf", "1,5,4,2"),
        ("transpose({}) perm=(0,3,1,2)", "1,2,4,4"),
        ("reshape({}) shape=(1,32)", "1,32"),
    ],
)
def test_movers_requantize_first(call: str, y: str):
    after = f"""graph "g"
    input "x" %x: s8[1,4,4,2]{X}
    %r: s8[1,4,4,2]{Y} = requantize(%x)
    %y: s8[{y}]{Y} = {call.format("%r")}
    output "y" %y
    """
    becomes(fold_qdq, single(call.format("%xf"), y=y), after)
    same = f'graph "g"\ninput "x" %x: s8[1,4,4,2]{X}\n%y: s8[{y}]{X} = {call.format("%x")}\noutput "y" %y\n'
    becomes(fold_qdq, single(call.format("%xf"), y=y).replace(Y, X), same)


def test_concat_brings_every_input_to_the_output():
    becomes(
        fold_qdq,
        f"""graph "g"
        input "a" %a: s8[1,2]{X}
        input "b" %b: u8[1,3]{{0.5@131}}
        input "c" %c: s8[1,1]{Y}
        %af: f32[1,2] = dequantize(%a)
        %bf: f32[1,3] = dequantize(%b)
        %cf: f32[1,1] = dequantize(%c)
        %f: f32[1,6] = concat(%af, %bf, %cf) axis=1
        %y: s8[1,6]{Y} = quantize(%f)
        output "y" %y
        """,
        f"""graph "g"
        input "a" %a: s8[1,2]{X}
        input "b" %b: u8[1,3]{{0.5@131}}
        input "c" %c: s8[1,1]{Y}
        %ar: s8[1,2]{Y} = requantize(%a)
        %br: s8[1,3]{Y} = requantize(%b)
        %y: s8[1,6]{Y} = concat(%ar, %br, %c) axis=1
        output "y" %y
        """,
    )


@pytest.mark.parametrize("clamp", ["", " activation=clamp(0.3,6.0)"])
def test_a_maximum_changes_its_quantisation_with_one_rounding(clamp: str):
    after = f"""graph "g"
    input "x" %x: s8[1,4,4,2]{X}
    %m: s8[1,3,3,2]{X} = pool2d(%x) kind=max kernel=(2,2)
    %y: s8[1,3,3,2]{Y} = unary(%m) kind=clamp{clamp}
    output "y" %y
    """
    becomes(fold_qdq, single(f"pool2d(%xf) kind=max kernel=(2,2){clamp}", y="1,3,3,2"), after)


def test_dequantize_and_quantize_alone_requantize():
    before = f"""graph "g"
    input "x" %x: s8[4]{X}
    %xf: f32[4] = dequantize(%x)
    %y: u8[4]{{0.25@9}} = quantize(%xf)
    output "y" %y
    """
    becomes(
        fold_qdq, before, f'graph "g"\ninput "x" %x: s8[4]{X}\n%y: u8[4]{{0.25@9}} = requantize(%x)\noutput "y" %y\n'
    )


def test_matmul_of_two_computed_sides():
    becomes(
        fold_qdq,
        f"""graph "g"
        input "a" %a: s8[2,3,4]{X}
        input "b" %b: s8[4,5]{{0.25@-7}}
        %af: f32[2,3,4] = dequantize(%a)
        %bf: f32[4,5] = dequantize(%b)
        %f: f32[2,3,5] = matmul(%af, %bf) activation=clamp(0.0,inf)
        %y: s8[2,3,5]{{16.0@3}} = quantize(%f)
        output "y" %y
        """,
        f"""graph "g"
        input "a" %a: s8[2,3,4]{X}
        input "b" %b: s8[4,5]{{0.25@-7}}
        %y: s8[2,3,5]{{16.0@3}} = matmul(%a, %b) activation=clamp(0.0,inf)
        output "y" %y
        """,
        tolerance=1,
    )


def test_a_scalar_becomes_one_byte_exactly():
    before = single("binary(%xf, %c) kind=mul").replace("%xf: f32", "const %c: f32[] = [-0.3]\n    %xf: f32", 1)
    after = f"""graph "g"
    input "x" %x: s8[1,4,4,2]{X}
    const %c: s8[]{{0.3@0}} = [-1]
    %y: s8[1,4,4,2]{Y} = binary(%x, %c) kind=mul
    output "y" %y
    """
    becomes(fold_qdq, before, after, tolerance=1)


def test_two_quantisations_of_one_result_are_two_operators():
    becomes(
        fold_qdq,
        single("unary(%xf) kind=tanh") + '%z: s8[1,4,4,2]{0.5@0} = quantize(%f)\noutput "z" %z\n',
        f"""graph "g"
        input "x" %x: s8[1,4,4,2]{X}
        %y: s8[1,4,4,2]{Y} = unary(%x) kind=tanh
        %z: s8[1,4,4,2]{{0.5@0}} = unary(%x) kind=tanh
        output "y" %y
        output "z" %z
        """,
    )


@pytest.mark.parametrize(
    "before",
    [
        single("unary(%xf) kind=tanh") + 'output "f" %f\n',
        single("unary(%xf) kind=tanh").replace("%y: s8", "%y: s16"),
        layer("dense", "2,5", "3,5", "2,3", "", "{1: 1.0@0 1.0@0 1.0@0 1.0@0 1.0@0}"),
        'graph "g"\ninput "x" %x: f32[4]\n%t: f32[4] = unary(%x) kind=tanh\n'
        '%y: s8[4]{1.0@0} = quantize(%t)\noutput "y" %y\n',
        'graph "g"\ninput "x" %x: s8[2,2]{0: 1.0@0 2.0@0}\n%f: f32[2,2] = dequantize(%x)\n'
        '%t: f32[2,2] = unary(%f) kind=tanh\n%y: s8[2,2]{1.0@0} = quantize(%t)\noutput "y" %y\n',
    ],
)
def test_what_does_not_match_stays_in_floats(before: str):
    stays(fold_qdq, before)


ARGMAX = """graph "g"
    input "x" %x: s8[2,5]{quant}
    %f: f32[2,5] = dequantize(%x)
    %y: s32[2] = argmax(%f) axis=1
    output "y" %y
    """


def test_the_largest_number_is_the_largest_byte():
    direct = ARGMAX.replace("    %f: f32[2,5] = dequantize(%x)\n", "").replace("%f", "%x")
    becomes(fold_qdq, ARGMAX.replace("{quant}", X), direct.replace("{quant}", X))
    stays(fold_qdq, ARGMAX.replace("{quant}", "{0: 0.5@3 0.25@3}"))
    stays(fold_qdq, ARGMAX.replace("{quant}", "{1e+38@3}"))
