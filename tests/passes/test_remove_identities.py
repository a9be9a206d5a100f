import pytest
from barecast.passes.remove_identities import remove_identities

from tests.passes.expect import becomes, stays


def graph(*lines: str, x: str = "f32[1,2,3,4]", output: str = "%y") -> str:
    return "\n".join(['graph "g"', f'input "x" %x: {x}', *lines, f'output "y" {output}', ""])


@pytest.mark.parametrize(
    "line",
    [
        "%y: f32[1,2,3,4] = reshape(%x) shape=(1,2,3,4)",
        "%y: f32[1,2,3,4] = transpose(%x) perm=(0,1,2,3)",
        "%y: f32[1,2,3,4] = unary(%x) kind=clamp",
        "%y: f32[1,2,3,4] = pad(%x) before=(0,0,0,0) after=(0,0,0,0)",
        "%y: f32[1,2,3,4] = concat(%x) axis=2",
        "%y: f32[1,2,3,4] = pool2d(%x) kind=max kernel=(1,1)",
        "%y: f32[1,2,3,4] = pool2d(%x) kind=avg kernel=(1,1)",
        "%y: f32[1,2,3,4] = reduce(%x) kind=mean axes=(0)",
        "const %c: f32[] = [1]\n%y: f32[1,2,3,4] = binary(%x, %c) kind=mul",
        "const %c: f32[4] = [0,0,0,0]\n%y: f32[1,2,3,4] = binary(%c, %x) kind=add",
        "const %c: f32[1,1] = [0]\n%y: f32[1,2,3,4] = binary(%x, %c) kind=sub",
        "const %c: f32[1,1] = [1]\n%y: f32[1,2,3,4] = binary(%x, %c) kind=div",
    ],
)
def test_what_changes_nothing_vanishes(line: str):
    becomes(remove_identities, graph(line), graph(output="%x"))


@pytest.mark.parametrize(
    "line",
    [
        "%y: f32[2,1,3,4] = reshape(%x) shape=(2,1,3,4)",
        "%y: f32[1,3,2,4] = transpose(%x) perm=(0,2,1,3)",
        "%y: f32[1,2,3,4] = unary(%x) kind=tanh",
        "%y: f32[1,2,4,4] = pad(%x) before=(0,0,0,0) after=(0,0,1,0)",
        "%y: f32[1,2,6,4] = concat(%x, %x) axis=2",
        "%y: f32[1,1,2,4] = pool2d(%x) kind=max kernel=(1,1) strides=(2,2)",
        "const %c: f32[] = [0]\n%y: f32[1,2,3,4] = binary(%c, %x) kind=sub",
        "const %c: f32[] = [0]\n%y: f32[1,2,3,4] = binary(%x, %c) kind=mul",
        "const %c: f32[] = [1]\n%y: f32[1,2,3,4] = binary(%c, %x) kind=div",
        "const %c: f32[] = [0]\n%y: f32[1,2,3,4] = binary(%x, %c) kind=max",
        "const %c: f32[] = [0]\n%y: f32[1,2,3,4] = binary(%c, %x) kind=min",
        "const %c: f32[] = [0]\n%y: f32[1,2,3,4] = binary(%x, %c) kind=squared_difference",
        "const %c: f32[] = [0]\n%y: f32[1,2,3,4] = binary(%x, %c) kind=prelu",
        "const %c: f32[2,1,1,1] = [1,1]\n%y: f32[2,2,3,4] = binary(%x, %c) kind=mul",
    ],
)
def test_what_changes_something_stays(line: str):
    stays(remove_identities, graph(line))


def test_an_activation_stays_as_a_clamp():
    becomes(
        remove_identities,
        graph("const %c: f32[] = [0]", "%y: f32[1,2,3,4] = binary(%x, %c) kind=add activation=clamp(0.0,inf)"),
        graph("%y: f32[1,2,3,4] = unary(%x) kind=clamp activation=clamp(0.0,inf)"),
    )


def test_views_and_transposes_in_a_row():
    becomes(
        remove_identities,
        graph("%a: f32[6,4] = reshape(%x) shape=(6,4)", "%y: f32[24] = reshape(%a) shape=(24)"),
        graph("%y: f32[24] = reshape(%x) shape=(24)"),
    )
    becomes(
        remove_identities,
        graph("%a: f32[1,4,2,3] = transpose(%x) perm=(0,3,1,2)", "%y: f32[1,2,3,4] = transpose(%a) perm=(0,2,3,1)"),
        graph(output="%x"),
    )
    becomes(
        remove_identities,
        graph("%a: f32[1,4,2,3] = transpose(%x) perm=(0,3,1,2)", "%y: f32[1,4,3,2] = transpose(%a) perm=(0,1,3,2)"),
        graph("%y: f32[1,4,3,2] = transpose(%x) perm=(0,3,2,1)"),
    )


def test_a_transpose_of_extent_one_is_a_view():
    becomes(
        remove_identities,
        graph("%y: f32[1,5,1,1] = transpose(%x) perm=(0,3,1,2)", x="f32[1,1,1,5]"),
        graph("%y: f32[1,5,1,1] = reshape(%x) shape=(1,5,1,1)", x="f32[1,1,1,5]"),
    )


def test_transposes_around_a_view_that_undo_each_other():
    becomes(
        remove_identities,
        graph(
            "%a: f32[1,4,2,3] = transpose(%x) perm=(0,3,1,2)",
            "%b: f32[1,4,6] = reshape(%a) shape=(1,4,6)",
            "%y: f32[1,6,4] = transpose(%b) perm=(0,2,1)",
        ),
        graph("%y: f32[1,6,4] = reshape(%x) shape=(1,6,4)"),
    )
    stays(
        remove_identities,
        graph(
            "%a: f32[1,4,3,2] = transpose(%x) perm=(0,3,2,1)",
            "%b: f32[1,4,6] = reshape(%a) shape=(1,4,6)",
            "%y: f32[1,6,4] = transpose(%b) perm=(0,2,1)",
        ),
    )


def test_a_mean_over_one_element_without_its_axis_is_a_view():
    becomes(
        remove_identities,
        graph("%y: f32[2,3,4] = reduce(%x) kind=mean axes=(0,) keepdims=false"),
        graph("%y: f32[2,3,4] = reshape(%x) shape=(2,3,4)"),
    )


def test_empty_parts_of_a_concat_go():
    becomes(
        remove_identities,
        graph("const %none: f32[1,2,0,4] = []", "%y: f32[1,2,3,4] = concat(%none, %x) axis=2"),
        graph(output="%x"),
    )


def test_there_and_back_again_in_bytes_is_nothing_but_the_other_way_loses_bits():
    becomes(
        remove_identities,
        graph("%f: f32[256] = dequantize(%x)", "%y: s8[256]{0.1@3} = quantize(%f)", x="s8[256]{0.1@3}"),
        graph(x="s8[256]{0.1@3}", output="%x"),
    )
    stays(
        remove_identities,
        graph("%q: s8[1,2,3,4]{0.1@3} = quantize(%x)", "%y: f32[1,2,3,4] = dequantize(%q)"),
    )
    stays(
        remove_identities,
        graph("%f: f32[256] = dequantize(%x)", "%y: s8[256]{0.2@3} = quantize(%f)", x="s8[256]{0.1@3}"),
    )


def test_requantize():
    x = "u8[64]{0.1@130}"
    rename = "%a: s8[64]{0.1@2} = requantize(%x)"
    becomes(
        remove_identities,
        graph(rename, "%y: s8[64]{0.3@1} = requantize(%a)", x=x),
        graph("%y: s8[64]{0.3@1} = requantize(%x)", x=x),
    )
    becomes(
        remove_identities,
        graph("%a: s8[64]{0.3@1} = requantize(%x)", "%y: u8[64]{0.3@129} = requantize(%a)", x=x),
        graph("%y: u8[64]{0.3@129} = requantize(%x)", x=x),
    )
    becomes(remove_identities, graph("%y: u8[64]{0.1@130} = requantize(%x)", x=x), graph(x=x, output="%x"))
    stays(remove_identities, graph("%a: s8[64]{0.3@1} = requantize(%x)", "%y: s8[64]{0.2@1} = requantize(%a)", x=x))
