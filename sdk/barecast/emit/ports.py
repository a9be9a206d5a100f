"""The model's inputs and outputs as the header shows them."""

from __future__ import annotations

from barecast.emit import literals
from barecast.emit.arenas import Arenas, arena_views
from barecast.emit.identifiers import comment_text
from barecast.emit.views import PortView
from barecast.graph import DType, Quant
from barecast.schedule import Border, MemoryPlan, Schedule


def port_views(schedule: Schedule, plan: MemoryPlan) -> tuple[tuple[PortView, ...], tuple[PortView, ...]]:
    """(inputs, outputs)."""
    return (
        tuple(_view(schedule, plan, border, "input", i) for i, border in enumerate(schedule.inputs)),
        tuple(_view(schedule, plan, border, "output", i) for i, border in enumerate(schedule.outputs)),
    )


def offset_of(schedule: Schedule, plan: MemoryPlan, buffer: str) -> int:
    """Where a buffer or view begins, in bytes from the start of its region."""
    root, inside = schedule.root(buffer)
    return plan.placements[root].offset + inside


def pointer(base: str, offset: str, dtype: DType, const: bool) -> str:
    """base (a uint8_t pointer) + offset as a pointer to elements; by way of void where the alignment rises."""
    qualifier = "const " if const else ""
    through = f"({qualifier}void *)" if dtype.bytes > 1 else ""
    return f"({qualifier}{dtype.c} *){through}({base} + {offset})"


def _view(schedule: Schedule, plan: MemoryPlan, border: Border, direction: str, index: int) -> PortView:
    macro = f"{schedule.name.upper()}_{direction.upper()}_{index}"
    dtype, quant = border.type.dtype, border.type.quant
    scale = literals.plain_real(quant.scale[0]) if quant and quant.per_tensor else None
    is_output = direction == "output"
    fed = next((stream for stream in schedule.streams if stream.fed == border.buffer and not is_output), None)
    region = plan.placements[schedule.root(border.buffer)[0]].region
    base = Arenas(plan).member(region, is_output)
    return PortView(
        direction=direction,
        macro=macro,
        function=f"{schedule.name}_{direction}_{index}",
        c_type=dtype.c,
        offset=offset_of(schedule, plan, border.buffer),
        bytes=border.type.bytes,
        elements=border.type.size,
        shape=border.type.shape,
        scale=scale,
        zero_point=f"({quant.zero_point[0]})" if quant and quant.per_tensor else None,
        note=f'"{comment_text(border.name)}"  {dtype.c} {shape_text(border.type.shape)}{meaning_of(quant)}',
        rows=0 if fed is None else fed.held[border.buffer].height,
        accessor=pointer(base, f"{macro}_OFFSET", dtype, is_output),
        arena=next(arena.macro for arena in arena_views(schedule, plan) if len(plan.regions) == 1 or arena.member == region),
    )


def shape_text(shape: tuple[int, ...]) -> str:
    return f"[{','.join(str(d) for d in shape)}]"


def meaning_of(quant: Quant | None) -> str:
    """ ", real = 0.1 * (q + 3)"; nothing for plain numbers."""
    if quant is None:
        return ""
    if not quant.per_tensor:
        return f", quantised along axis {quant.axis}"
    zero = quant.zero_point[0]
    shifted = "q" if zero == 0 else f"(q {'-' if zero > 0 else '+'} {abs(zero)})"
    return f", real = {literals.decimal(quant.scale[0])} * {shifted}"
