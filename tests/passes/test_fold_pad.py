import pytest
from barecast.passes.fold_pad import fold_pad

from tests.passes.expect import becomes, stays

PAD = "before=(0,1,0,0) after=(0,0,2,0)"


def graph(x: str, *lines: str) -> str:
    return "\n".join(['graph "g"', f'input "x" %x: {x}', *lines, 'output "y" %y', ""])


def test_convolutions_pad_with_zero():
    x, weights = "f32[1,4,4,2]", "const %w: f32[3,2,2,2] = random(1)"
    becomes(
        fold_pad,
        graph(x, weights, f"%p: f32[1,5,6,2] = pad(%x) {PAD}", "%y: f32[1,6,6,3] = conv2d(%p, %w, _) pads=(1,0,1,1)"),
        graph(x, weights, "%y: f32[1,6,6,3] = conv2d(%x, %w, _) pads=(2,0,1,3)"),
        tolerance=1e-5,
    )
    bytes_, weights = "s8[1,4,4,2]{0.5@3}", "const %w: s8[2,2,2]{0.5@0} = random(1)"
    becomes(
        fold_pad,
        graph(
            bytes_, weights, f"%p: s8[1,5,6,2]{{0.5@3}} = pad(%x) {PAD}", "%y: s8[1,4,5,2]{8.0@0} = dwconv2d(%p, %w, _)"
        ),
        graph(bytes_, weights, "%y: s8[1,4,5,2]{8.0@0} = dwconv2d(%x, %w, _) pads=(1,0,0,2)"),
    )


@pytest.mark.parametrize(
    "pad",
    [
        "%p: f32[1,5,6,2] = pad(%x) before=(0,1,0,0) after=(0,0,2,0) value=0.5",
        "%p: f32[1,5,6,2] = pad(%x) before=(0,1,2,1) after=(0,0,0,0)",
    ],
)
def test_other_values_and_padded_channels_stay(pad: str):
    x = "f32[1,4,4,2]" if "value" in pad else "f32[1,4,4,1]"
    stays(fold_pad, graph(x, "const %w: f32[3,2,2,2] = random(1)", pad, "%y: f32[1,4,5,3] = conv2d(%p, %w, _)"))


def test_an_average_counts_the_border():
    x = "f32[1,4,4,2]"
    pad = "%p: f32[1,5,5,2] = pad(%x) before=(0,1,0,0) after=(0,0,1,0)"
    becomes(
        fold_pad,
        graph(x, pad, "%y: f32[1,4,4,2] = pool2d(%p) kind=avg kernel=(2,2)"),
        graph(x, "%y: f32[1,4,4,2] = pool2d(%x) kind=avg kernel=(2,2) pads=(1,0,0,1) include_pad=true"),
    )
    stays(fold_pad, graph(x, pad, "%y: f32[1,5,5,2] = pool2d(%p) kind=avg kernel=(2,2) pads=(1,0,0,1)"))
    wide = "%p: f32[1,6,4,2] = pad(%x) before=(0,2,0,0) after=(0,0,0,0)"
    stays(fold_pad, graph(x, wide, "%y: f32[1,5,3,2] = pool2d(%p) kind=avg kernel=(2,2)"))


@pytest.mark.parametrize(
    ("x", "pad", "folds"),
    [
        ("f32", "value=-inf", True),
        ("f32", "value=-100.0", False),
        ("f32", "", False),
        ("relu", "", True),
        ("relu", "value=-1.0", True),
        ("relu", "value=0.5", False),
        ("s8{0.5@-128}", "", True),
        ("s8{0.5@-127}", "", False),
        ("s8{0.5@-127}", "value=-1000.0", True),
        ("s8", "value=-128.0", True),
        ("s8", "value=-127.0", False),
    ],
)
def test_padding_never_wins_a_maximum(x: str, pad: str, folds: bool):
    dtype = x if x.startswith("s8") else "f32"
    name, _, quant = dtype.partition("{")
    small, large, result = (f"{name}[1,{d},{d},2]{'{' + quant if quant else ''}" for d in (4, 6, 5))
    relu = f"%r: {small} = unary(%x) kind=clamp activation=clamp(0.0,inf)" if x == "relu" else ""
    source = "%r" if relu else "%x"
    before = graph(
        small,
        relu,
        f"%p: {large} = pad({source}) before=(0,1,1,0) after=(0,1,1,0) {pad}",
        f"%y: {result} = pool2d(%p) kind=max kernel=(2,2)",
    )
    after = graph(small, relu, f"%y: {result} = pool2d({source}) kind=max kernel=(2,2) pads=(1,1,1,1)")
    becomes(fold_pad, before, after if folds else before)
