"""What must hold for every Graph, checked after the frontend and after every pass."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from barecast import ops, text
from barecast.errors import BarecastError, InternalError, printable
from barecast.graph import Call, DType, Graph, Node, State, TensorType, call_of

Types = tuple[TensorType | None, ...]
BYTES = (DType.S8, DType.U8)
NUMBERS = (*BYTES, DType.S16)


def graph(graph: Graph, after: str = "") -> None:
    """Raises InternalError if the graph is broken; `after` names the pass that made it.

    Checked: every named tensor exists, one producer each and before its readers, types well
    formed, constants as their types say, shapes as the operators infer them, and each
    operator's rule for element types and quantisation.
    """
    try:
        _check(graph)
    except _Broken as broken:
        raise InternalError(f"the graph {f'after {after} ' if after else ''}is broken: {broken}") from None


class _Broken(Exception):
    pass


def _check(graph: Graph) -> None:
    for name, tensor in graph.tensors.items():
        if tensor.name != name:
            raise _Broken(f"tensor {printable(name)} calls itself {printable(tensor.name)}")
        if problem := _type_problem(tensor.type):
            raise _Broken(f"tensor {printable(name)}: {problem}")
        if tensor.data is not None and (
            tensor.data.dtype != tensor.type.dtype.numpy or tensor.data.shape != tensor.type.shape
        ):
            raise _Broken(
                f"constant {printable(name)} holds {tensor.data.dtype} {list(tensor.data.shape)}, "
                f"its type says {text.type_text(tensor.type)}"
            )
    known = {name for name, tensor in graph.tensors.items() if tensor.is_constant}
    for port in graph.inputs:
        _exists(graph, port.tensor)
        if port.tensor in known:
            raise _Broken(f'input "{printable(port.name)}" is a constant or given twice')
        known.add(port.tensor)
    for state in graph.states:
        _exists(graph, state.before)
        if state.before in known:
            raise _Broken(f'state "{printable(state.name)}" starts as a constant, an input or another state')
        known.add(state.before)
    for node in graph.nodes:
        for name in (*(n for n in node.inputs if n is not None), *node.outputs):
            _exists(graph, name)
        if late := [n for n in node.inputs if n is not None and n not in known]:
            raise _Broken(f"{printable(late[0])} is read before it is computed, in {_shown(graph, node)}")
        if twice := [n for n in node.outputs if n in known]:
            raise _Broken(f"{printable(twice[0])} is computed twice, in {_shown(graph, node)}")
        known.update(node.outputs)
        if problem := _node_problem(call_of(graph, node)):
            raise _Broken(f"{problem}, in {_shown(graph, node)}")
    for port in graph.outputs:
        _exists(graph, port.tensor)
        if port.tensor not in known:
            raise _Broken(f'nothing computes output "{printable(port.name)}"')
    for state in graph.states:
        _check_state(graph, state, known)
    for kind, ports in (("input", graph.inputs), ("output", graph.outputs), ("state", graph.states)):
        if len({port.name for port in ports}) != len(ports):
            raise _Broken(f"two {kind}s have the same name")


def _check_state(graph: Graph, state: State, known: set[str]) -> None:
    where = f'state "{printable(state.name)}"'
    _exists(graph, state.after)
    if state.after not in known:
        raise _Broken(f"nothing computes the next value of {where}")
    type, after = graph.type(state.before), graph.type(state.after)
    if type != after:
        raise _Broken(f"{where} is {text.type_text(type)} before a run and {text.type_text(after)} after it")
    if state.initial.dtype != type.dtype.numpy or state.initial.shape != type.shape:
        raise _Broken(f"{where} starts with {state.initial.dtype} {list(state.initial.shape)}")


def _shown(graph: Graph, node: Node) -> str:
    return printable(text.node_text(graph, node), 300)


def _exists(graph: Graph, name: str) -> None:
    if name not in graph.tensors:
        raise _Broken(f"tensor {printable(name)} does not exist")


def _type_problem(type: TensorType) -> str | None:
    if any(not isinstance(d, int) or d < 0 for d in type.shape):
        return f"shape {list(type.shape)} has an extent that is no size"
    quant = type.quant
    if quant is None:
        return None
    if type.dtype not in (*BYTES, DType.S16, DType.S32):
        return f"{type.dtype.value} cannot be quantised"
    if len(quant.scale) != len(quant.zero_point) or not quant.scale:
        return f"{len(quant.scale)} scales, {len(quant.zero_point)} zero points"
    if quant.axis is None:
        if len(quant.scale) != 1:
            return "several scales and no axis"
    elif not 0 <= quant.axis < len(type.shape) or len(quant.scale) != type.shape[quant.axis]:
        return f"{len(quant.scale)} scales along axis {quant.axis} of {list(type.shape)}"
    scale = np.array(quant.scale, np.float64)
    with np.errstate(over="ignore"):
        narrow = scale.astype(np.float32)
    if not (np.all(narrow == scale) and np.all(scale > 0) and np.all(np.isfinite(scale))):
        return "a scale is not a positive, finite float32"
    low, high = type.dtype.limits
    if not low <= min(quant.zero_point) <= max(quant.zero_point) <= high:
        return f"a zero point is outside of {low}..{high}"
    return None


def _node_problem(call: Call) -> str | None:
    if call.node.op not in ops.all_ops():
        return "the operator is not known"
    op = ops.get(call.node.op)
    if type(call.attrs) is not op.attrs:
        return f"attributes of class {type(call.attrs).__name__}"
    types = tuple(None if t is None else t.type for t in call.inputs)
    try:
        shapes = op.infer(call.attrs, types)
    except BarecastError as error:
        return f"the shapes do not fit ({error})"
    if shapes != (found := tuple(t.type.shape for t in call.outputs)):
        return f"output shapes {found}, inferred {shapes}"
    rule = _RULES.get(op.name)
    if not call.rule.is_tflite and rule in _COMPUTING and call.outputs[0].type.dtype is DType.S16:
        return "int16 is computed by a rule that has none"
    return type_problem(op.name, types, tuple(t.type for t in call.outputs))


def type_problem(op: str, inputs: Types, outputs: Types) -> str | None:
    """Why an operator cannot have these element types and quantisations; None if it can."""
    rule = _RULES.get(op)
    return rule(inputs, outputs) if rule else None


def _moves_data(inputs: Types, outputs: Types) -> str | None:
    """One element type; one quantisation, as far as it is known."""
    if len({t.dtype for t in (*inputs, *outputs)}) > 1:
        return "the element types differ"
    quants = {t.quant for t in (*inputs, *outputs) if t.quant is not None}
    return "the quantisations differ" if len(quants) > 1 else None


def _gathers(inputs: Types, outputs: Types) -> str | None:
    x, indices = inputs
    return _moves_data((x,), outputs) or (None if indices.dtype is DType.S32 else f"indices of {indices.dtype.value}")


def _updates_part(inputs: Types, outputs: Types) -> str | None:
    *moved, start = inputs
    known = start.dtype in (DType.S32, DType.S64)
    return _moves_data(tuple(moved), outputs) or (None if known else f"a start of {start.dtype.value}")


def _views(inputs: Types, outputs: Types) -> str | None:
    return "the element types differ" if inputs[0].dtype is not outputs[0].dtype else None


def _transposes(inputs: Types, outputs: Types) -> str | None:
    (x,), (y,) = inputs, outputs
    if x.dtype is not y.dtype:
        return "the element types differ"
    if x.quant is None or y.quant is None:
        return None
    same = (x.quant.scale, x.quant.zero_point) == (y.quant.scale, y.quant.zero_point)
    return None if same and (x.quant.axis is None) == (y.quant.axis is None) else "the quantisations differ"


def _computes(inputs: Types, outputs: Types) -> str | None:
    """Float to the same float, or quantised integers to quantised integers (int16 to int16), per tensor."""
    everything = [t for t in (*inputs, *outputs) if t is not None]
    if everything[0].dtype.is_float:
        return None if len({t.dtype for t in everything}) == 1 else "the element types differ"
    if len({t.dtype is DType.S16 for t in everything}) > 1:
        return "int16 beside 8 bits"
    return next((p for t in everything if (p := _integer_problem(t))), None)


def _softens(inputs: Types, outputs: Types) -> str | None:
    """As _computes; int8 to int16 too."""
    if (inputs[0].dtype, outputs[0].dtype) == (DType.S8, DType.S16):
        return _integer_problem(inputs[0]) or _integer_problem(outputs[0])
    return _computes(inputs, outputs)


def _pairs(inputs: Types, outputs: Types) -> str | None:
    """As _computes; plain integers and booleans too."""
    everything = (*inputs, *outputs)
    if inputs[0].dtype not in (DType.S32, DType.S64, DType.BOOL):
        return _computes(inputs, outputs)
    if any(t.quant is not None for t in everything):
        return f"{inputs[0].dtype.value} with a quantisation"
    return None if len({t.dtype for t in everything}) == 1 else "the element types differ"


def _compares(inputs: Types, outputs: Types) -> str | None:
    if outputs[0].dtype is not DType.BOOL:
        return f"a comparison that gives {outputs[0].dtype.value}"
    return "the element types differ" if inputs[0].dtype is not inputs[1].dtype else None


def _reduces(inputs: Types, outputs: Types) -> str | None:
    return _pairs(inputs, outputs) if inputs[0].dtype is DType.BOOL else _computes(inputs, outputs)


def _selects(inputs: Types, outputs: Types) -> str | None:
    if inputs[0].dtype is not DType.BOOL:
        return f"a condition of {inputs[0].dtype.value}"
    return _moves_data(inputs[1:], outputs)


def _integer_problem(type: TensorType, per_axis: bool = False, allowed: tuple[DType, ...] = NUMBERS) -> str | None:
    if type.dtype not in allowed:
        wider = " or wider" if DType.S16 in allowed else ""
        return f"{type.dtype.value} where 8-bit{wider} numbers are expected"
    if type.quant is None:
        return "an integer tensor without quantisation"
    if not (type.quant.per_tensor or per_axis):
        return "a tensor quantised per axis that must be so per tensor"
    return None


def _weighs(weight_axis: int) -> Callable[[Types, Types], str | None]:
    """Convolutions and dense layers; `weight_axis`: where the output channels are in the weights."""

    def problem(inputs: Types, outputs: Types) -> str | None:
        x, w, bias = (*inputs, None)[:3]
        if x.dtype.is_float:
            return _computes(inputs, outputs)
        narrow = w if w.dtype is not DType.S16 else dataclasses.replace(w, dtype=DType.S8)  # weights may have 16 bits
        weights = _integer_problem(narrow, per_axis=True, allowed=BYTES)
        if found := _integer_problem(x) or weights or _integer_problem(outputs[0]):
            return found
        if (x.dtype is DType.S16) != (outputs[0].dtype is DType.S16):
            return "int16 beside 8 bits"
        if w.quant.axis is not None and w.quant.axis != weight_axis:
            return f"weights quantised along axis {w.quant.axis}"
        if bias is not None and bias.dtype is not DType.S32 and (x.dtype, bias.dtype) != (DType.S16, DType.S64):
            return f"a bias of {bias.dtype.value}"
        return None

    return problem


def _pools(inputs: Types, outputs: Types) -> str | None:
    if inputs[0].dtype in BYTES and inputs[0].quant is None and outputs[0].quant is None:
        return _moves_data(inputs, outputs)  # a maximum of plain bytes
    return _computes(inputs, outputs)


def _quantizes(inputs: Types, outputs: Types) -> str | None:
    if not inputs[0].dtype.is_float:
        return f"{inputs[0].dtype.value} is quantised"
    return "no quantisation on the output" if outputs[0].quant is None else None


def _dequantizes(inputs: Types, outputs: Types) -> str | None:
    if not outputs[0].dtype.is_float:
        return f"dequantised to {outputs[0].dtype.value}"
    return "no quantisation on the input" if inputs[0].quant is None else None


def _requantizes(inputs: Types, outputs: Types) -> str | None:
    allowed = (*NUMBERS, DType.S32)
    return _integer_problem(inputs[0], allowed=allowed) or _integer_problem(outputs[0], allowed=allowed)


_COMPUTING = (_computes, _pools, _softens)

def _joins(inputs: Types, outputs: Types) -> str | None:
    if inputs[0].dtype is not DType.BOOL:
        return f"a condition of {inputs[0].dtype.value}"
    return None if len({inputs[1], inputs[2], outputs[0]}) == 1 else "the two sides and the result differ in type"


_RULES: dict[str, Callable[[Types, Types], str | None]] = {
    "binary": _pairs,
    "compare": _compares,
    "concat": _moves_data,
    "conv2d": _weighs(0),
    "copy": _views,
    "cumsum": _computes,
    "dense": _weighs(0),
    "dequantize": _dequantizes,
    "dwconv2d": _weighs(2),
    "join": _joins,
    "l2norm": _computes,
    "log_softmax": _computes,
    "matmul": _computes,
    "expand": _moves_data,
    "gather": _gathers,
    "gather_nd": _gathers,
    "pad": _moves_data,
    "pool2d": _pools,
    "quantize": _quantizes,
    "reduce": _reduces,
    "requantize": _requantizes,
    "reshape": _views,
    "resize": _moves_data,
    "select": _selects,
    "slice": _moves_data,
    "softmax": _softens,
    "take": _moves_data,
    "transpose": _transposes,
    "transpose_conv2d": _weighs(0),
    "update_slice": _updates_part,
    "unary": _computes,
}
