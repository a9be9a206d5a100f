import pytest
from barecast.passes.fold_batch_norm import fold_batch_norm

from tests.passes.expect import becomes, stays

LAYERS = {
    "conv2d": ("f32[1,4,4,2]", "f32[3,3,3,2]", "conv2d(%x, %w, {})", "f32[1,2,2,3]"),
    "dwconv2d": ("f32[1,4,4,3]", "f32[3,3,3]", "dwconv2d(%x, %w, {})", "f32[1,2,2,3]"),
    "dense": ("f32[2,2,5]", "f32[3,5]", "dense(%x, %w, {})", "f32[2,2,3]"),
}


@pytest.mark.parametrize("op", LAYERS)
@pytest.mark.parametrize("bias", ["%b", "_"])
@pytest.mark.parametrize("kind", ["add", "sub", "mul", "from", "affine"])
def test_into_weights_and_bias(op: str, bias: str, kind: str):
    x, w, call, y = LAYERS[op]
    head = f'graph "g"\ninput "x" %x: {x}\nconst %w: {w} = random(1)\n'
    old_bias = "const %b: f32[3] = [0.5, 1, -2]\n" if bias == "%b" else ""
    constants = "const %c: f32[3] = [2, -1, 0.5]\nconst %d: f32[1,1] = [3]\n"
    operations = {
        "add": f"%y: {y} = binary(%m, %c) kind=add",
        "sub": f"%y: {y} = binary(%m, %c) kind=sub",
        "mul": f"%y: {y} = binary(%c, %m) kind=mul",
        "from": f"%y: {y} = binary(%c, %m) kind=sub",
        "affine": f"%n: {y} = binary(%m, %c) kind=mul\n%y: {y} = binary(%n, %d) kind=add activation=clamp(0.0,inf)",
    }
    clamp = " activation=clamp(0.0,inf)" if kind == "affine" else ""
    has_bias = bias == "%b" or kind != "mul"
    new_bias = "const %b: f32[3] = [0, 0, 0]\n" if has_bias else ""
    becomes(
        fold_batch_norm,
        f'{head}{old_bias}{constants}%m: {y} = {call.format(bias)}\n{operations[kind]}\noutput "y" %y\n',
        f'{head}{new_bias}%y: {y} = {call.format("%b" if has_bias else "_")}{clamp}\noutput "y" %y\n',
        tolerance=1e-4,
    )


def test_through_a_view_that_keeps_the_channels():
    becomes(
        fold_batch_norm,
        """graph "g"
        input "x" %x: f32[4,5]
        const %w: f32[3,5] = random(1)
        const %c: f32[1,3] = [1, 2, 3]
        %m: f32[4,3] = dense(%x, %w, _)
        %v: f32[2,2,3] = reshape(%m) shape=(2,2,3)
        %y: f32[2,2,3] = binary(%v, %c) kind=add activation=clamp(0.0,6.0)
        output "y" %y
        """,
        """graph "g"
        input "x" %x: f32[4,5]
        const %w: f32[3,5] = random(1)
        const %c: f32[3] = [1, 2, 3]
        %m: f32[4,3] = dense(%x, %w, %c) activation=clamp(0.0,6.0)
        %y: f32[2,2,3] = reshape(%m) shape=(2,2,3)
        output "y" %y
        """,
        tolerance=1e-5,
    )


def test_a_dequantised_addend_becomes_the_bias_as_it_is():
    becomes(
        fold_batch_norm,
        """graph "g"
        input "x" %x: f32[1,5]
        const %w: s8[3,5]{0.5@0} = random(1)
        const %c: s32[1,3]{0.25@0} = [1, 2, 3]
        %f: f32[3,5] = dequantize(%w)
        %d: f32[1,3] = dequantize(%c)
        %m: f32[1,3] = dense(%x, %f, _)
        %y: f32[1,3] = binary(%m, %d) kind=add
        output "y" %y
        """,
        """graph "g"
        input "x" %x: f32[1,5]
        const %w: s8[3,5]{0.5@0} = random(1)
        const %c: s32[3]{0.25@0} = [1, 2, 3]
        %f: f32[3,5] = dequantize(%w)
        %d: f32[3] = dequantize(%c)
        %y: f32[1,3] = dense(%x, %f, %d)
        output "y" %y
        """,
    )


@pytest.mark.parametrize(
    "rest",
    [
        '%y: f32[3,3] = binary(%m, %rows) kind=add\noutput "y" %y',
        '%y: f32[3,3] = binary(%m, %c) kind=add\noutput "y" %y\noutput "m" %m',
        '%y: f32[2,3,3] = binary(%m, %deep) kind=add\noutput "y" %y',
        '%y: f32[3,3] = binary(%r, %c) kind=add\noutput "y" %y',
        '%y: f32[3,3] = binary(%t, %c) kind=add\noutput "y" %y',
    ],
)
def test_what_is_no_constant_per_channel_of_this_layer_alone_stays(rest: str):
    r = "%r: f32[3,3] = dense(%x, %w, _) activation=clamp(0.0,inf)" if "%r," in rest else ""
    m = "%m: f32[3,3] = dense(%x, %w, _)" if "%m" in rest or "%t" in rest else ""
    t = "%t: f32[3,3] = transpose(%m) perm=(1,0)" if "%t" in rest else ""
    constants = {
        "%rows": "const %rows: f32[3,1] = [1, 2, 3]",
        "%deep": "const %deep: f32[2,1,3] = [1, 2, 3, 4, 5, 6]",
        "%c": "const %c: f32[3] = [1, 2, 3]",
    }
    used = "\n".join(line for name, line in constants.items() if name in rest)
    stays(
        fold_batch_norm,
        f'graph "g"\ninput "x" %x: f32[3,5]\nconst %w: f32[3,5] = random(1)\n{used}\n{m}\n{r}\n{t}\n{rest}\n',
    )


@pytest.mark.parametrize("kind", ["max", "min", "div", "prelu", "squared_difference"])
def test_what_is_no_sum_or_product_stays(kind: str):
    stays(
        fold_batch_norm,
        f"""graph "g"
        input "x" %x: f32[4,5]
        const %w: f32[3,5] = random(1)
        const %c: f32[1,3] = [1, 2, 3]
        %m: f32[4,3] = dense(%x, %w, _)
        %y: f32[4,3] = binary(%m, %c) kind={kind}
        output "y" %y
        """,
    )
