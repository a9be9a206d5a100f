"""What one instruction does to the stack pointer, and to registers from which the stack pointer is computed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from barecast.cycles.disassembly import CONDITIONS, Instruction, listed_words

__all__ = ["State", "Unread", "after", "popped", "registers"]

WORD = 4
NAMES = {"sb": "r9", "sl": "r10", "fp": "r11", "ip": "r12", "wsp": "sp"}
"""Other names of registers."""

CLOBBERED = ("r0", "r1", "r2", "r3", "r12", "lr", "x30", *(f"x{n}" for n in range(19)))
"""What a call may change, by the procedure call standards of AArch32 and AArch64."""

STORES = ("st", "vst", "cmp", "cmn", "tst", "teq", "vcmp", "b", "cb", "tb", "push", "vpush", "msr", "ccmp", "prfm", "pld")
"""What instructions begin with that write no register named first."""

TWO_RESULTS = ("ldrd", "ldp", "ldpsw", "umull", "smull", "umlal", "smlal", "smlald", "smlsld", "umaal", "ldaxp", "ldxp")


class Unread(Exception):
    """Code whose use of the stack is not understood; the reason, as part of a sentence about a function."""


@dataclass(frozen=True)
class State:
    """depth: bytes between the stack pointer and where it was when the function began. values: what is known of other
    registers: ("stack", depth) is the stack pointer at that depth, ("number", n) a constant."""

    depth: int = 0
    values: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    def put(self, register: str, value: tuple[str, int] | None) -> State:
        values = {name: known for name, known in self.values.items() if name != register}
        return replace(self, values=values if value is None else {**values, register: value})

    def known(self, register: str) -> tuple[str, int] | None:
        return ("stack", self.depth) if register == "sp" else self.values.get(register)

    def at(self, depth: int) -> State:
        return replace(self, depth=depth)

    def called(self) -> State:
        """After a call came back."""
        return replace(self, values={name: known for name, known in self.values.items() if name not in CLOBBERED})

    def joined(self, other: State) -> State:
        """What is true of both, which have the same depth."""
        return replace(self, values=dict(self.values.items() & other.values.items()))


def after(state: State, one: Instruction, word: Callable[[int], int | None]) -> State:
    """The state behind an instruction that goes on to the next. word: the 32 bits at an address, of code or constants."""
    name = _plain(one)
    operands = _operands(one.operands)
    moved = _moved(name, one, operands)
    if moved is not None:
        if name != one.name and name + "s" != one.name:
            raise Unread(f"moves the stack pointer on a condition: {_text(one)}")
        for register in (*operands[:2], *registers(one.operands)) if name.startswith(("pop", "ld")) else ():
            state = state.put(register, None)
        return _checked(state.at(state.depth + moved), one)
    if not operands or name.startswith(STORES):
        return state
    if operands[0] == "sp" and name.startswith(("ldm", "vldm")):
        operands = [*registers(one.operands)]
    if operands[0] == "sp":
        value = _value(state, name, one, operands, word)
        if value is None or value[0] != "stack" or name not in ("add", "sub", "addw", "subw", "mov"):
            raise Unread(f"moves the stack pointer by what is not a constant: {_text(one)}")
        return _checked(state.at(value[1]), one)
    known = _value(state, name, one, operands, word) if name == one.name or name + "s" == one.name else None
    state = state.put(operands[0], known)
    for register in operands[1:2] if name in TWO_RESULTS else ():
        state = state.put(register, None)
    for register in registers(one.operands) if name.startswith("ldm") else ():
        state = state.put(register, None)
    return state


def popped(one: Instruction) -> int:
    """Bytes that a return takes from the stack."""
    return -(_moved(_plain(one), one, _operands(one.operands)) or 0)


def registers(operands: str) -> tuple[str, ...]:
    """The registers of a list in braces."""
    listed = re.search(r"\{([^}]*)\}", operands)
    found: list[str] = []
    for part in listed[1].split(",") if listed else ():
        first, _, last = part.strip().partition("-")
        if last and first[1:].isdigit() and last[1:].isdigit():
            found += [f"{first[0]}{n}" for n in range(int(first[1:]), int(last[1:]) + 1)]
        else:
            found += [_register(first)] + ([_register(last)] if last else [])
    return tuple(found)


def _moved(name: str, one: Instruction, operands: list[str]) -> int | None:
    """Bytes by which a load or store moves the stack pointer downwards; None if it does not."""
    if name in ("push", "vpush"):
        return WORD * listed_words(one.operands)
    if name in ("pop", "vpop"):
        return -WORD * listed_words(one.operands)
    if re.match(r"sp!", one.operands):
        down = name.startswith(("stmdb", "stmfd", "vstmdb"))
        if not down and not name.startswith(("ldmia", "ldmfd", "ldm", "vldmia")):
            raise Unread(f"moves the stack pointer in a way that is not known: {_text(one)}")
        return (WORD if down else -WORD) * listed_words(one.operands)
    if found := re.search(r"\[sp(?:, *(?P<before>[^\]]*))?\](?:(?P<kept>!)|, *(?P<after>.+))?$", one.operands):
        if found["kept"]:
            return -_immediate(found["before"], one)
        if found["after"]:
            return -_immediate(found["after"], one)
    return None


def _value(
    state: State, name: str, one: Instruction, operands: list[str], word: Callable[[int], int | None]
) -> tuple[str, int] | None:
    """What the first operand holds afterwards, if that can be told."""
    first, rest = operands[0], operands[1:]

    def known(text: str) -> tuple[str, int] | None:
        number = _number(text)
        return state.known(text) if number is None else ("number", number)

    if name in ("mov", "movw") and len(rest) == 1:
        return known(rest[0])
    if name == "ldr" and (literal := re.match(r"\[pc, #(-?\d+)\]$", rest[0] if rest else "")):
        there = word((one.address & ~3) + 4 + int(literal[1]))
        return None if there is None else ("number", there - (there >> 31 << 32))
    if name in ("movt", "movk") and rest:
        shift = 16 if name == "movt" else _shift(rest[1:])
        return _combined(known(first), known(rest[0]), lambda old, new: old & ~(0xFFFF << shift) | new << shift, shift)
    if name == "lsl" and len(rest) == 2:
        return _combined(known(rest[0]), known(rest[1]), lambda old, by: old << by, 0 if _number(rest[1]) else None)
    if name in ("neg", "rsb") and rest:
        return _combined(("number", 0), known(rest[0]), lambda zero, old: zero - old, 0)
    if name in ("add", "sub", "addw", "subw") and rest:
        left, right = (first, rest) if len(rest) == 1 else (rest[0], rest[1:])
        return _sum(known(left), known(right[0]), 1 if name.startswith("add") else -1, _shift(right[1:]))
    return None


def _combined(
    left: tuple[str, int] | None, right: tuple[str, int] | None, way: Callable[[int, int], int], shift: int | None
) -> tuple[str, int] | None:
    """A number of two others; None if either is none, or the shift is not known."""
    if left is None or right is None or shift is None or left[0] != "number" or right[0] != "number":
        return None
    return "number", way(left[1], right[1])


def _sum(
    left: tuple[str, int] | None, right: tuple[str, int] | None, sign: int, shift: int | None
) -> tuple[str, int] | None:
    """left + sign * (right << shift), where that is a number or a place in the stack."""
    if left is None or right is None or shift is None:
        return None
    if right[0] == "stack" and left[0] == "number" and sign > 0 and shift == 0:
        left, right = right, left
    if right[0] != "number":
        return None
    amount = sign * (right[1] << shift)
    return left[0], left[1] - amount if left[0] == "stack" else left[1] + amount


def _plain(one: Instruction) -> str:
    """The name without the s that sets flags and without a condition."""
    name = one.name
    for known in ("add", "sub", "mov", "lsl", "neg", "rsb", "movw", "movt", "push", "pop", "vpush", "vpop", "ldr"):
        tail = name.removeprefix(known)
        if name.startswith(known) and (tail in ("", "s") or tail in CONDITIONS or tail[1:] in CONDITIONS):
            return known
    return name


def _operands(text: str) -> list[str]:
    """ "r0, [sp, #4]" -> ["r0", "[sp, #4]"], registers by one name."""
    parts = re.split(r",\s*(?![^\[{]*[\]}])", text) if text else []
    return [_register(part.strip()) for part in parts]


def _register(text: str) -> str:
    if re.fullmatch(r"w\d+", text):
        return "x" + text[1:]
    return NAMES.get(text, text)


def _number(text: str) -> int | None:
    """ "#0x10" -> 16; None for anything else."""
    found = re.fullmatch(r"#?(-?(?:0x[0-9a-f]+|\d+))", text.strip())
    return int(found[1], 0) if found else None


def _immediate(text: str, one: Instruction) -> int:
    number = _number(text)
    if number is None:
        raise Unread(f"moves the stack pointer by what is not a constant: {_text(one)}")
    return number


def _shift(rest: list[str]) -> int | None:
    """Bits by which the last operand is shifted to the left; None if something else is done to it."""
    if not rest:
        return 0
    found = re.fullmatch(r"lsl #(\d+)", rest[0])
    return int(found[1]) if found else None


def _checked(state: State, one: Instruction) -> State:
    if state.depth < 0:
        raise Unread(f"takes more from the stack than it put there: {_text(one)}")
    return state


def _text(one: Instruction) -> str:
    return f"`{one.mnemonic} {one.operands}` at {one.address:#x}"
