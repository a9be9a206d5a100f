"""barecast ops: the operators that can be imported, and the kernels that run them."""

from __future__ import annotations

from barecast import kernels, report
from barecast.cli.choices import Debug, Json
from barecast.frontends.onnx import fold, nodes
from barecast.frontends.onnx.importers import IMPORTERS
from barecast.schedule import Kernel


def command(json: Json = None, debug: Debug = False) -> None:
    """List the ONNX operators that are supported, and the kernels by instruction set."""
    operators = sorted({*IMPORTERS, *fold.OPERATORS, *nodes.BODIES})
    families = kernels.all_kernels()
    if json is not None:
        report.write_json(
            {
                "operators": [{"name": name, "support": _support(name)} for name in operators],
                "kernels": [
                    {"name": k.symbol, "op": k.op, "dtypes": [d.value for d in k.dtypes], "needs": sorted(k.needs)}
                    for family in families.values()
                    for k in family
                ],
            },
            json,
        )
    if json != report.STANDARD_OUTPUT:
        report.print_table(report.Table("", ("ONNX operator", "supported"), tuple((n, _support(n)) for n in operators)))
        report.print_line()
        rows = tuple(
            (op, types, isas) for op, family in families.items() for types, isas in _isas_by_types(family).items()
        )
        report.print_table(report.Table("", ("kernels of", "types", "instruction sets, best first"), rows))


def _support(operator: str) -> str:
    return "yes" if operator in IMPORTERS else "on constants"


def _isas_by_types(family: tuple[Kernel, ...]) -> dict[str, str]:
    """ "s8 -> s8": the instruction sets that have a kernel for these types."""
    found: dict[str, list[str]] = {}
    for kernel in family:
        types = " -> ".join(d.value for d in kernel.dtypes)
        isa = "+".join(sorted(kernel.needs)) or "c"
        if isa not in found.setdefault(types, []):
            found[types].append(isa)
    return {types: " ".join(isas) for types, isas in found.items()}
