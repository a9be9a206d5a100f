"""Conv: every option, held against onnxruntime."""

from __future__ import annotations

import pytest

from tests.frontends.build import agrees, expected_by_onnx, model, node, noise, ops_of

IMAGES = {
    "plain": dict(x=(1, 3, 8, 7), w=(5, 3, 3, 3)),
    "batch": dict(x=(2, 3, 8, 7), w=(5, 3, 3, 2)),
    "pads": dict(x=(1, 3, 8, 7), w=(5, 3, 3, 3), pads=[1, 0, 2, 1]),
    "strides": dict(x=(1, 3, 8, 9), w=(5, 3, 3, 3), strides=[2, 3]),
    "dilations": dict(x=(1, 2, 9, 9), w=(4, 2, 3, 3), dilations=[2, 3], pads=[1, 1, 1, 1]),
    "groups": dict(x=(1, 6, 5, 5), w=(4, 3, 3, 3), group=2),
    "depthwise": dict(x=(1, 6, 5, 5), w=(6, 1, 3, 3), group=6),
    "depthwise with multiplier": dict(x=(1, 3, 5, 5), w=(6, 1, 3, 3), group=3),
    "pointwise": dict(x=(1, 6, 5, 5), w=(4, 6, 1, 1), kernel_shape=[1, 1]),
    "valid": dict(x=(1, 2, 7, 7), w=(2, 2, 3, 3), auto_pad="VALID", strides=[2, 2]),
    "same upper": dict(x=(1, 2, 7, 8), w=(2, 2, 3, 3), auto_pad="SAME_UPPER", strides=[2, 2]),
    "same lower": dict(x=(1, 2, 7, 8), w=(2, 2, 3, 2), auto_pad="SAME_LOWER", strides=[2, 2]),
    "same, stride over kernel": dict(x=(1, 2, 7, 8), w=(2, 2, 1, 1), auto_pad="SAME_LOWER", strides=[2, 3]),
    "one tap, far dilation": dict(x=(1, 3, 5, 5), w=(2, 3, 1, 1), dilations=[2**31 - 1] * 2, pads=[2, 2, 2, 2]),
    "notset": dict(x=(1, 2, 7, 8), w=(2, 2, 3, 2), auto_pad="NOTSET"),
}
SEQUENCES = {
    "plain": dict(x=(1, 3, 16), w=(5, 3, 3)),
    "everything": dict(x=(2, 4, 16), w=(6, 2, 3), group=2, strides=[2], dilations=[2], pads=[3, 1]),
    "same upper": dict(x=(1, 3, 15), w=(5, 3, 4), auto_pad="SAME_UPPER", strides=[2]),
    "same lower": dict(x=(1, 3, 15), w=(5, 3, 4), auto_pad="SAME_LOWER", strides=[2]),
}


def _model(x, w, bias, opset=17, **attributes):
    constants = {"w": noise(*w)} | ({"b": noise(w[0], seed=1)} if bias else {})
    return model(
        node("Conv", "x w b" if bias else "x w", **attributes), inputs={"x": x}, constants=constants, opset=opset
    )


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@pytest.mark.parametrize("case", [pytest.param(c, id=n) for n, c in IMAGES.items()])
def test_an_image(case, bias, tmp_path):
    graph = agrees(_model(bias=bias, **case), tmp_path)
    assert ops_of(graph) == ["transpose", "conv2d", "transpose"]


@pytest.mark.parametrize("opset", [11, 22])
@pytest.mark.parametrize("case", [pytest.param(c, id=n) for n, c in SEQUENCES.items()])
def test_a_sequence(case, opset, tmp_path):
    graph = agrees(_model(bias=True, opset=opset, **case), tmp_path)
    assert ops_of(graph) == ["transpose", "reshape", "conv2d", "reshape", "transpose"]


def test_weights_are_turned_channels_last_offline_and_once(tmp_path):
    proto = model(
        node("Conv", "x w", "a", pads=[1, 1, 1, 1]),
        node("Conv", "a w", pads=[1, 1, 1, 1]),
        inputs={"x": (1, 3, 5, 5)},
        constants={"w": noise(3, 3, 3, 3)},
    )
    graph = agrees(proto, tmp_path)
    weights = {n.inputs[1] for n in graph.nodes if n.op == "conv2d"}
    assert len(weights) == 1
    (name,) = weights
    assert (graph.tensors[name].data == noise(3, 3, 3, 3).transpose(0, 2, 3, 1)).all()


def test_dequantised_weights_are_turned_by_a_node(tmp_path):
    proto = model(
        node("DequantizeLinear", "q s z", "w", axis=0),
        node("Conv", "x w"),
        inputs={"x": (1, 2, 5, 5)},
        constants={
            "q": (noise(4, 2, 3, 3) * 50).astype("int8"),
            "s": [0.1, 0.2, 0.3, 0.4],
            "z": noise(4).astype("int8"),
        },
    )
    graph = agrees(proto, tmp_path)
    assert ops_of(graph) == ["dequantize", "transpose", "transpose", "conv2d", "transpose"]


def test_weights_that_are_an_input_of_the_model(tmp_path):
    agrees(model(node("Conv", "x w"), inputs={"x": (1, 2, 5, 5), "w": (3, 2, 3, 3)}), tmp_path)


@pytest.mark.parametrize("mode", ["SAME_UPPER", "SAME_LOWER"])
def test_same_padding_with_dilations(mode, tmp_path):
    proto = _model((1, 2, 8, 9), (3, 2, 3, 2), True, dilations=[2, 2], auto_pad=mode)
    # onnxruntime refuses dilations here
    agrees(proto, tmp_path, oracle=expected_by_onnx)
