"""Input and output samples: .npz files, and seeded random inputs of the right types and ranges.

In an .npz the keys are the names of the model's inputs (or outputs). An array has the
port's shape, or one axis more, in front, for that many samples.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

import numpy as np

from barecast import numerics
from barecast.errors import UsageError, printable
from barecast.graph import DType, Graph, Port, TensorType

RANDOM_SAMPLES = 4
"""Samples that random inputs have unless the caller says otherwise: one of each kind."""


@dataclass(frozen=True, eq=False)
class Samples:
    """arrays: port name -> array with the sample axis first. single: the file had no sample axis."""

    arrays: Mapping[str, np.ndarray]
    single: bool = False

    def __post_init__(self):
        object.__setattr__(self, "arrays", MappingProxyType(dict(self.arrays)))

    @property
    def count(self) -> int:
        return next((len(a) for a in self.arrays.values()), 1)

    def one(self, index: int) -> dict[str, np.ndarray]:
        """The arrays of one sample, in the ports' own shapes."""
        return {name: array[index, ...] for name, array in self.arrays.items()}

    def up_to(self, index: int) -> Samples:
        """The samples from the first to this one."""
        return Samples({name: array[: index + 1] for name, array in self.arrays.items()})

    def only(self, index: int) -> Samples:
        """One sample, still with a sample axis."""
        return Samples({name: array[index : index + 1] for name, array in self.arrays.items()})


def input_types(graph: Graph) -> dict[str, TensorType]:
    """Name of each model input -> its type."""
    return {port.name: graph.type(port.tensor) for port in graph.inputs}


def output_types(graph: Graph) -> dict[str, TensorType]:
    """Name of each model output -> its type."""
    return {port.name: graph.type(port.tensor) for port in graph.outputs}


Converters = Mapping[str, Callable[[np.ndarray], np.ndarray]]
"""Port name -> from float32 arrays in the author's real numbers to the port's integers."""


def converters(graph: Graph, ports: Sequence[Port]) -> Converters:
    """For the ports that --io quantized made integers: samples may keep the author's real numbers."""
    found = {}
    for port in ports:
        if port.exposed:
            type_ = graph.type(port.tensor)
            # one scale and one zero point, or the port would not be exposed
            scale, zero = np.float32(type_.quant.scale[0]), np.int32(type_.quant.zero_point[0])
            found[port.name] = partial(
                numerics.quantize, scale=scale, zero_point=zero, dtype=type_.dtype.numpy, away=graph.rule.is_tflite
            )
    return found


def stack(rows: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """One mapping per sample -> one mapping of arrays with the sample axis first."""
    return {name: np.stack([np.asarray(row[name]) for row in rows]) for name in rows[0]}


def read_samples(
    path: Path, wanted: Mapping[str, TensorType], what: str = "input", convert: Converters = MappingProxyType({})
) -> Samples:
    """The arrays of an .npz for these ports. UsageError if the file or an array does not fit them."""
    return match_samples(_load(path), wanted, what, f"{printable(path.name)}: ", convert)


def match_samples(
    arrays: Mapping[str, np.ndarray],
    wanted: Mapping[str, TensorType],
    what: str = "input",
    where: str = "",
    convert: Converters = MappingProxyType({}),
) -> Samples:
    """Checks arrays against the ports: names, dtypes, shapes, and one number of samples for all.

    convert: float32 arrays of these ports are converted first.
    """
    listed = ", ".join(_described(name, t) for name, t in wanted.items())
    if not isinstance(arrays, Mapping):
        raise UsageError(
            f"{where}the {what}s are given as {type(arrays).__name__}",
            remedy=f"give a dict of arrays by {what} name: {listed}",
        )
    for name in arrays:
        if name not in wanted:
            raise UsageError(f'{where}the model has no {what} "{printable(name)}"', remedy=f"its {what}s are {listed}")
    found: dict[str, np.ndarray] = {}
    counts: dict[str, int | None] = {}
    for name, type_ in wanted.items():
        if name not in arrays:
            raise UsageError(f'{where}no array for {what} "{printable(name)}"', remedy=f"the {what}s are {listed}")
        array = np.asarray(arrays[name])
        if name in convert and array.dtype == np.float32:
            array = convert[name](array)
        dims = "x".join(map(str, array.shape)) or "scalar"
        if array.dtype != type_.dtype.numpy:
            raise UsageError(
                f'{where}{what} "{printable(name)}" is {array.dtype}, the model has {type_.dtype.numpy}',
                remedy=f'store it with .astype("{type_.dtype.numpy}")',
            )
        if array.shape == type_.shape:
            counts[name], found[name] = None, array[np.newaxis]
        elif array.shape[1:] == type_.shape and array.ndim == len(type_.shape) + 1:
            counts[name], found[name] = len(array), array
        else:
            raise UsageError(
                f'{where}{what} "{printable(name)}" has shape {dims}',
                remedy=f"the model has {_described(name, type_)}; give that, or one axis more in front for samples",
            )
        if counts[name] == 0:
            raise UsageError(f'{where}{what} "{printable(name)}" holds no samples', remedy="give one at least")
    if len(set(counts.values())) > 1:
        told = ", ".join(f'"{printable(n)}": {"no sample axis" if c is None else c}' for n, c in counts.items())
        raise UsageError(
            f"{where}the arrays differ in the number of samples ({told})", remedy="give the same number for all"
        )
    return Samples(found, single=None in counts.values())


def write_samples(path: Path, samples: Samples) -> None:
    """Writes an .npz at exactly this path, byte-identical for equal arrays (numpy.savez adds dates and suffixes)."""
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, array in samples.arrays.items():
                entry = zipfile.ZipInfo(f"{name}.npy")
                entry.compress_type = zipfile.ZIP_DEFLATED
                with archive.open(entry, "w", force_zip64=True) as stream:
                    np.lib.format.write_array(stream, array[0] if samples.single else array, allow_pickle=False)
    except OSError as error:
        raise UsageError(
            f"cannot write {printable(path, 400)}: {error.strerror or error}", remedy="name a file that can be written"
        ) from error


def random_samples(graph: Graph, count: int = RANDOM_SAMPLES, seed: int = 0) -> Samples:
    """Seeded inputs for a model. In turn: values over the whole range, extremes only, noise around zero, all zero.

    The range of an integer input is its dtype's; of a float input that is quantised first,
    the quantised range and a tenth more on both sides (so that saturation is met); of any
    other float input, -3 to 3. int64 and int32 inputs stay within -8 to 8: they are
    amounts as a rule; indices stay on the axis that they are for.
    """
    if count < 1:
        raise UsageError(f"{count} samples are too few", remedy="ask for one at least")
    random = np.random.default_rng(seed)
    rows = [
        {port.name: _random_array(random, kind % 4, graph, port.tensor) for port in graph.inputs}
        for kind in range(count)
    ]
    return Samples(stack(rows)) if graph.inputs else Samples({})


def _random_array(random: np.random.Generator, kind: int, graph: Graph, tensor: str) -> np.ndarray:
    type_ = graph.type(tensor)
    dtype = type_.dtype.numpy
    if type_.dtype is DType.BOOL:
        return random.integers(0, 2, type_.shape).astype(dtype)
    low, high, zero = _range(graph, tensor)
    if kind == 1:
        values = random.choice(np.array([low, high]), type_.shape)
    elif kind == 2:
        values = zero + (high - low) / 8 * random.standard_normal(type_.shape)
    elif kind == 3:
        values = np.full(type_.shape, zero)
    elif type_.dtype.is_float:
        values = random.uniform(low, high, type_.shape)
    else:
        return random.integers(int(low), int(high), type_.shape, endpoint=True).astype(dtype)
    return (
        np.clip(values, low, high).astype(dtype)
        if type_.dtype.is_float
        else np.clip(np.rint(values), low, high).astype(dtype)
    )


def _range(graph: Graph, tensor: str) -> tuple[float, float, float]:
    """Lowest value, highest value and zero of an input, in the numbers that its array holds."""
    type_ = graph.type(tensor)
    if type_.dtype in (DType.S32, DType.S64):
        last = _last_index(graph, tensor)
        return (-8.0, 8.0, 0.0) if last is None else (0.0, last, 0.0)
    if not type_.dtype.is_float:
        low, high = type_.dtype.limits
        return low, high, type_.quant.zero_point[0] if type_.quant and type_.quant.per_tensor else 0
    quantised = _quantised_type(graph, tensor)
    if quantised is None or quantised.quant is None or not quantised.quant.per_tensor:
        return -3.0, 3.0, 0.0
    (scale,), (zero,) = quantised.quant.scale, quantised.quant.zero_point
    low, high = ((limit - zero) * scale for limit in quantised.dtype.limits)
    margin = (high - low) / 10
    return low - margin, high + margin, 0.0


def _last_index(graph: Graph, tensor: str) -> float | None:
    """The largest index that is good for all that an input of indices gathers from; None if it is no such input."""
    ends = []
    for node in graph.consumers.get(tensor, ()):
        if node.op not in ("gather", "gather_nd") or node.inputs[1] != tensor:
            continue
        shape = graph.type(node.inputs[0]).shape
        ends += [shape[node.attrs.axis]] if node.op == "gather" else shape[: graph.type(tensor).shape[-1]]
    return min(ends) - 1.0 if ends else None


def _quantised_type(graph: Graph, tensor: str) -> TensorType | None:
    """The type that the first `quantize` after this tensor gives, looking through transposes and views."""
    for node in graph.consumers.get(tensor, ()):
        if node.op == "quantize":
            return graph.type(node.outputs[0])
        if node.op in ("transpose", "reshape", "pad"):
            return _quantised_type(graph, node.outputs[0])
    return None


def _load(path: Path) -> dict[str, np.ndarray]:
    try:
        with path.open("rb") as stream:
            archive = np.load(stream, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise UsageError(
                    f"{printable(path, 400)} is one .npy array", remedy="store it by its input's name with numpy.savez"
                )
            return {name: archive[name] for name in archive.files}
    except FileNotFoundError:
        raise UsageError(f"{printable(path, 400)} does not exist", remedy="check the path") from None
    except IsADirectoryError:
        raise UsageError(f"{printable(path, 400)} is a folder", remedy="name an .npz file") from None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise UsageError(
            f"{printable(path, 400)} is not a readable .npz: {printable(error)}", remedy="write it with numpy.savez"
        ) from None


def _described(name: str, type_: TensorType) -> str:
    return f'"{printable(name)}" ({type_.dtype.numpy} {"x".join(map(str, type_.shape)) or "scalar"})'
