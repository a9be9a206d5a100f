"""The model's states as members of a C struct that the caller owns."""

from __future__ import annotations

from barecast.emit import literals
from barecast.emit.constants import NamedConstants, fill_byte
from barecast.emit.identifiers import comment_text
from barecast.emit.ports import meaning_of, shape_text
from barecast.emit.views import StateView
from barecast.planner.lifetimes import MIN_ALIGN
from barecast.schedule import Schedule, Slot


def state_views(schedule: Schedule, named: NamedConstants) -> tuple[StateView, ...]:
    return tuple(_view(schedule, named, number, slot) for number, slot in enumerate(schedule.slots))


def member(number: int) -> str:
    """The name in the struct; the author's name is in the comment beside it."""
    return f"state_{number}"


def _view(schedule: Schedule, named: NamedConstants, number: int, slot: Slot) -> StateView:
    name, dtype, quant = member(number), slot.type.dtype, slot.type.quant
    scaled = quant is not None and quant.per_tensor
    return StateView(
        member=name,
        macro=f"{schedule.name.upper()}_STATE_{number}",
        c_type=dtype.c,
        align=max(MIN_ALIGN, dtype.bytes),
        bytes=slot.type.bytes,
        elements=slot.type.size,
        scale=literals.plain_real(quant.scale[0]) if scaled else None,
        zero_point=f"({quant.zero_point[0]})" if scaled else None,
        note=f'"{comment_text(slot.name)}"  {dtype.c} {shape_text(slot.type.shape)}{meaning_of(quant)}',
        reset=_reset(named, name, slot),
    )


def _reset(named: NamedConstants, name: str, slot: Slot) -> str:
    byte = fill_byte(slot.initial)
    if byte is not None:
        return f"BC_FILL(state->{name}, {byte}, sizeof state->{name});"
    return f"BC_COPY(state->{name}, {named.names[id(slot.initial)]}, sizeof state->{name});"
