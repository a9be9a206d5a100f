"""Slices, parts, gathered and repeated elements, resized images, held against onnxruntime."""

from __future__ import annotations

import numpy as np
import pytest
from barecast.errors import UnsupportedError

from tests.frontends.build import FLOAT, INT8, UINT8, agrees, expected_by_onnx, model, node, read

I64 = np.int64


@pytest.mark.parametrize("elem", [FLOAT, INT8])
@pytest.mark.parametrize(
    ("starts", "ends", "axes", "steps"),
    [
        ([1], [3], None, None),
        ([0, 1, 2], [2, 3, 9], None, None),
        ([-3, 0], [-1, 100], [1, 2], None),
        ([3, -1], [0, -100], [2, 1], [-2, -1]),
        ([0], [2**63 - 1], [-1], [3]),
        ([5], [-(2**63)], [2], [-1]),
    ],
)
def test_slice(starts, ends, axes, steps, elem, tmp_path):
    lists = {"s": starts, "e": ends, "a": axes, "t": steps}
    names = " ".join(name if value is not None else "-" for name, value in lists.items())
    constants = {name: np.array(value, I64) for name, value in lists.items() if value is not None}
    x = {"x": (elem, (2, 4, 6))}
    agrees(model(node("Slice", f"x {names}"), inputs=x, outputs={"y": elem}, constants=constants), tmp_path)


@pytest.mark.parametrize(
    ("lengths", "opset", "axis", "count"),
    [
        ([2, 4], 17, 2, 2),
        ([1, 1, 2], 17, 1, 3),
        (None, 17, -1, 2),
        ([3, 3], 11, 2, 2),
        (None, 18, 1, 2),
        (None, 18, 3, 4),
    ],
)
def test_split(lengths, opset, axis, count, tmp_path):
    names = [f"y{i}" for i in range(count)]
    attributes = {"axis": axis}
    if lengths and opset < 13:
        attributes["split"] = lengths
    if not lengths and opset >= 18:
        attributes["num_outputs"] = count
    constants = {"l": np.array(lengths, I64)} if lengths and opset >= 13 else {}
    split = node("Split", "x l" if constants else "x", " ".join(names), **attributes)
    x = {"x": (2, 4, 6, 7) if axis == 3 else (2, 4, 6)}
    agrees(model(split, inputs=x, outputs=dict.fromkeys(names, FLOAT), constants=constants, opset=opset), tmp_path)


def test_parts_of_a_split_are_used_apart(tmp_path):
    nodes = [node("Split", "x", "a b", axis=1), node("Sigmoid", "b", "s"), node("Mul", "a s")]
    agrees(model(*nodes, inputs={"x": (1, 6, 5, 5)}), tmp_path)


@pytest.mark.parametrize("indices", [3, [0], [5, -1, 2, 2], [[0, 1], [4, -6]]], ids=str)
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_gather(indices, axis, tmp_path):
    shape = [2, 3, 4]
    shape[axis] = 6
    constants = {"i": np.array(indices, I64)}
    agrees(model(node("Gather", "x i", axis=axis), inputs={"x": tuple(shape)}, constants=constants), tmp_path)


@pytest.mark.parametrize("repeats", [[1, 1, 1], [2, 1, 1], [1, 3, 2], [2, 2, 2]], ids=str)
def test_tile(repeats, tmp_path):
    constants = {"r": np.array(repeats, I64)}
    agrees(model(node("Tile", "x r"), inputs={"x": (2, 3, 4)}, constants=constants), tmp_path)


@pytest.mark.parametrize("shape", [[2, 3, 4], [1, 4], [5, 2, 3, 4], [2, 1, 1]], ids=str)
def test_expand(shape, tmp_path):
    constants = {"s": np.array(shape, I64)}
    agrees(model(node("Expand", "x s"), inputs={"x": (2, 3, 1)}, constants=constants), tmp_path)


@pytest.mark.parametrize("mode", ["DCR", "CRD"])
def test_depth_to_space(mode, tmp_path):
    agrees(model(node("DepthToSpace", "x", blocksize=2, mode=mode), inputs={"x": (2, 12, 3, 5)}), tmp_path)


def test_space_to_depth(tmp_path):
    agrees(model(node("SpaceToDepth", "x", blocksize=3), inputs={"x": (2, 2, 6, 9)}), tmp_path)


@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "wrap"])
@pytest.mark.parametrize("elem", [FLOAT, INT8])
@pytest.mark.parametrize(
    "pads", [[0, 0, -1, 2, 0, 0, 2, -1], [0, 0, -1, -1, 0, 0, -1, -2], [0, -1, 0, 0, 0, 0, 0, 0], [0, 0, 1, -2, 0, 0, -3, 2]]
)
def test_padding_that_crops(mode, elem, pads, tmp_path):
    """What is taken away is taken first, so mirrors show what is left."""
    proto = model(
        node("Pad", "x p", mode=mode), inputs={"x": (elem, (1, 3, 5, 6))}, outputs={"y": elem},
        constants={"p": np.array(pads)}, opset=19,
    )  # fmt: skip
    agrees(proto, tmp_path)


@pytest.mark.parametrize("mode", ["edge", "reflect"])
@pytest.mark.parametrize("pads", [[0, 0, 1, 2, 0, 0, 2, 1], [1, 0, 0, 3, 0, 0, 0, 0], [0] * 8], ids=str)
def test_mirrored_padding(mode, pads, tmp_path):
    constants = {"p": np.array(pads, I64)}
    agrees(model(node("Pad", "x p", mode=mode), inputs={"x": (2, 3, 4, 5)}, constants=constants), tmp_path)


COORDINATES = ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "half_pixel_symmetric"]


@pytest.mark.parametrize("coordinates", [*COORDINATES, "tf_half_pixel_for_nn"])
@pytest.mark.parametrize("rounding", ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"])
@pytest.mark.parametrize("size", [(8, 10), (3, 13), (1, 2), (5, 7)])
def test_nearest(coordinates, rounding, size, tmp_path):
    opset = 19 if coordinates == "half_pixel_symmetric" else 11 if coordinates == "tf_half_pixel_for_nn" else 17
    resize = node("Resize", "x r - s" if opset > 11 else "x r e s", mode="nearest", nearest_mode=rounding,
                  coordinate_transformation_mode=coordinates)  # fmt: skip
    constants = {"r": np.zeros(0, np.float32), "e": np.zeros(0, np.float32), "s": np.array([1, 2, *size], I64)}
    agrees(model(resize, inputs={"x": (1, 2, 4, 5)}, constants=constants, opset=opset), tmp_path)


@pytest.mark.parametrize("coordinates", COORDINATES)
@pytest.mark.parametrize("size", [(8, 10), (3, 13), (1, 2), (5, 7)])
def test_linear(coordinates, size, tmp_path):
    resize = node("Resize", "x - - s", mode="linear", coordinate_transformation_mode=coordinates)
    constants = {"s": np.array([1, 2, *size], I64)}
    agrees(model(resize, inputs={"x": (1, 2, 4, 5)}, constants=constants, opset=19), tmp_path)


@pytest.mark.parametrize("form", ["float", "int8", "QDQ"])
@pytest.mark.parametrize("coordinates", COORDINATES[:-1])
@pytest.mark.parametrize("size", [(8, 10), (3, 13), (1, 2), (21, 15)])
def test_linear_is_onnxruntimes_to_the_last_bit(size, coordinates, form, tmp_path):
    """Halves are frequent behind a QuantizeLinear, and int8 drops fractions: the order of the sums decides bytes."""
    constants = {"o": np.array([1, 9, *size], I64), "s": np.float32(0.02), "t": np.float32(0.0213), "z": np.int8(3)}
    resize = node("Resize", "a - - o", "b", mode="linear", coordinate_transformation_mode=coordinates)
    nodes, elem = [resize], FLOAT if form == "float" else INT8
    if form == "QDQ":
        nodes = [node("DequantizeLinear", "x s z", "a"), resize, node("QuantizeLinear", "b t z")]
    else:
        resize.input[0], resize.output[0] = "x", "y"
    proto = model(*nodes, inputs={"x": (elem, (1, 9, 7, 5))}, outputs={"y": elem}, constants=constants)
    agrees(proto, tmp_path, tolerance=0)


def test_uint8_is_interpolated_between_its_dequantise_and_quantise_only(tmp_path):
    resize = node("Resize", "x - s", mode="linear")
    constants = {"s": np.array([1, 1, 2, 2], np.float32)}
    proto = model(resize, inputs={"x": (UINT8, (1, 3, 5, 7))}, outputs={"y": UINT8}, constants=constants)
    with pytest.raises(UnsupportedError, match="works on uint8 here; only float is supported"):
        read(proto, tmp_path)


@pytest.mark.parametrize("coordinates", COORDINATES)
@pytest.mark.parametrize("rounding", ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"])
@pytest.mark.parametrize("factor", [1.5, 0.7, 3, 0.5])
def test_nearest_of_factors_that_leave_fractions(coordinates, rounding, factor, tmp_path):
    proto = model(
        node("Resize", "x - s", mode="nearest", coordinate_transformation_mode=coordinates, nearest_mode=rounding),
        inputs={"x": (1, 2, 5, 6)}, constants={"s": np.float32([1, 1, factor, factor])}, opset=19,
    )  # fmt: skip
    agrees(proto, tmp_path, tolerance=0)


@pytest.mark.parametrize("mode", ["linear", "nearest"])
@pytest.mark.parametrize("scales", [(2.0, 2.0), (0.6, 1.7), (3.0, 1.0)])
def test_scales(mode, scales, tmp_path):
    constants = {"s": np.array([1, 1, *scales], np.float32)}
    agrees(model(node("Resize", "x - s", mode=mode), inputs={"x": (1, 3, 5, 7)}, constants=constants), tmp_path)


def test_crop_and_resize(tmp_path):
    roi = np.array([0, 0, 0.1, 0.2, 1, 1, 0.7, 0.9], np.float32)
    resize = node("Resize", "x r - s", mode="linear", coordinate_transformation_mode="tf_crop_and_resize")
    constants = {"r": roi, "s": np.array([1, 2, 5, 6], I64)}
    agrees(model(resize, inputs={"x": (1, 2, 8, 9)}, constants=constants), tmp_path)


@pytest.mark.parametrize("policy", ["stretch", "not_larger", "not_smaller"])
def test_some_axes_and_a_policy(policy, tmp_path):
    resize = node("Resize", "x - - s", mode="nearest", axes=[3, 2], keep_aspect_ratio_policy=policy)
    constants = {"s": np.array([9, 11], I64)}
    proto = model(resize, inputs={"x": (1, 2, 4, 5)}, constants=constants, opset=18)
    agrees(proto, tmp_path, oracle=expected_by_onnx)


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"strides": [2, 3]},
        {"pads": [1, 0, 1, 2]},
        {"strides": [2, 2], "output_padding": [1, 0], "pads": [1, 1, 1, 1]},
        {"strides": [2, 2], "output_shape": [9, 11]},
        {"strides": [2, 2], "auto_pad": "SAME_UPPER"},
        {"strides": [2, 2], "auto_pad": "SAME_LOWER"},
        {"dilations": [2, 1], "strides": [1, 2]},
    ],
    ids=str,
)
@pytest.mark.parametrize("group", [1, 2])
def test_conv_transpose(attributes, group, tmp_path):
    rng = np.random.default_rng(1)
    constants = {
        "w": rng.standard_normal((4, 3, 3, 2)).astype(np.float32),
        "b": rng.standard_normal(3 * group).astype(np.float32),
    }
    node_ = node("ConvTranspose", "x w b", group=group, **attributes)
    agrees(model(node_, inputs={"x": (1, 4, 4, 5)}, constants=constants), tmp_path)


def test_conv_transpose_in_one_dimension(tmp_path):
    constants = {"w": np.random.default_rng(1).standard_normal((4, 2, 3)).astype(np.float32)}
    agrees(model(node("ConvTranspose", "x w", strides=[2]), inputs={"x": (2, 4, 6)}, constants=constants), tmp_path)


REDUCTIONS = "L1 L2 LogSum LogSumExp Max Mean Min Sum SumSquare".split()


@pytest.mark.parametrize("kind", REDUCTIONS)
@pytest.mark.parametrize("axes", [[0], [1, 2], [0, 2], [-1], None], ids=str)
@pytest.mark.parametrize("keepdims", [0, 1])
def test_reductions(kind, axes, keepdims, tmp_path):
    constants = {} if axes is None else {"a": np.array(axes, I64)}
    reduce = node(f"Reduce{kind}", "p a" if axes else "p", keepdims=keepdims)
    proto = model(node("Exp", "x", "p"), reduce, inputs={"x": (2, 3, 4)}, constants=constants, opset=18)
    agrees(proto, tmp_path)
