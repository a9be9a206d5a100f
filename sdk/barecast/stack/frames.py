"""What one function does with the stack: a walk along all paths of its machine code."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from barecast.cycles.disassembly import CONDITIONS, Instruction
from barecast.stack.effects import State, Unread, after, popped

__all__ = ["Call", "Code", "Frame", "walk"]

SWITCH_HELPER = "__gnu_thumb1_case"
"""libgcc's functions that jump by the table behind their call begin with this."""

NEXT, JUMP, BRANCH, CALL, POINTER, SWITCH, END, STOP = range(8)


@dataclass(frozen=True)
class Call:
    """A call, or a jump into another function, at some depth. target: None where it goes through a pointer."""

    target: int | None
    depth: int
    address: int


@dataclass(frozen=True)
class Frame:
    """depth: the most bytes that the function itself has on the stack. calls: all that it makes."""

    depth: int
    calls: tuple[Call, ...]


@dataclass(frozen=True, eq=False)
class Code:
    """An image's machine code. functions: (address, bytes, name) by address. word: the 32 bits at an address."""

    instructions: Mapping[int, Instruction]
    functions: Sequence[tuple[int, int, str]]
    word: Callable[[int], int | None]

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _, _ in self.functions]

    @cached_property
    def addresses(self) -> list[int]:
        return sorted(self.instructions)

    def function(self, address: int) -> tuple[int, int, str] | None:
        """(start, end, name) of the function that holds the address."""
        index = bisect_right(self._starts, address) - 1
        while index >= 0:
            start, size, name = self.functions[index]
            if start <= address < start + size:
                return start, start + size, name
            if address - start > 1 << 20:
                return None
            index -= 1
        return None

    def name(self, address: int) -> str:
        found = self.function(address)
        if found is None:
            return f"{address:#x}"
        return found[2] if found[0] == address else f"{found[2]}+{address - found[0]:#x}"

    def following(self, address: int) -> int:
        """The address of the next instruction."""
        index = bisect_right(self.addresses, address)
        there = self.addresses[index] if index < len(self.addresses) else -1
        if there - address not in (2, 4):
            raise Unread(f"runs into what is no code behind {address:#x}")
        return there


def walk(code: Code, entry: int, tried: frozenset[int] = frozenset()) -> Frame:
    """The function that begins at `entry`. Unread if it cannot be followed to its ends.

    tried: places within a function to which a `bl` goes, of which it is being found out whether it is a call.
    """
    bounds = code.function(entry)
    if bounds is None:
        raise Unread("is in no function that the symbols tell")
    start, end, _ = bounds
    states: dict[int, State] = {}
    calls: dict[tuple[int, int | None], int] = {}
    jumped: set[int] = set()
    """Depths at which a jump goes to addresses from a table."""
    waiting = [(entry, State())]
    while waiting:
        while waiting:
            address, state = waiting.pop()
            if not start <= address < end:
                calls[address, address] = max(state.depth, calls.get((address, address), 0))
                continue
            known = states.get(address)
            if known is not None:
                if known.depth != state.depth:
                    raise Unread(f"comes to {address:#x} with {known.depth} and with {state.depth} bytes on the stack")
                state = known.joined(state)
                if state == known:
                    continue
            states[address] = state
            waiting += _onwards(code, address, state, calls, jumped, tried, bounds)
        if jumped and (left := _unreached(code, start, end, states)) is not None:
            if len(jumped) > 1:
                raise Unread("has jumps by tables at different depths")
            waiting.append((left, State(next(iter(jumped)))))
    depth = max([state.depth for state in states.values()] + list(calls.values()))
    return Frame(depth, tuple(Call(target, at, address) for (address, target), at in sorted(calls.items(), key=str)))


def _onwards(
    code: Code,
    address: int,
    state: State,
    calls: dict[tuple[int, int | None], int],
    jumped: set[int],
    tried: frozenset[int],
    bounds: tuple[int, int, str],
) -> list[tuple[int, State]]:
    """Where an instruction leads, and the state there; calls and jumps by tables are added to the other two."""
    one = code.instructions.get(address)
    if one is None:
        raise Unread(f"runs into what is no code at {address:#x}")
    kind, target = flow(one, code)
    if kind == NEXT:
        return [(code.following(address), after(state, one, code.word))]
    if kind == JUMP:
        return [(target, state)]
    if kind == BRANCH:
        return [(target, state), (code.following(address), state)]
    if kind == CALL and bounds[0] < target < bounds[1] and _is_jump(code, target, tried):
        return [(target, state)]
    if kind == CALL:
        calls[address, target] = state.depth
        if code.name(target).startswith(SWITCH_HELPER):
            jumped.add(state.depth)
            return []
        return [(code.following(address), state.called())]
    if kind == POINTER:
        calls[address, None] = state.depth
        return [(code.following(address), state.called())] if _comes_back(one) else []
    if kind == SWITCH:
        jumped.add(state.depth)
        return [(code.following(address), state)] if one.name[-2:] in CONDITIONS else []
    if (left := state.depth - popped(one)) != 0 and kind == END:
        raise Unread(f"returns with {left} bytes on the stack at {address:#x}")
    if one.name[-2:] in CONDITIONS:  # a return on a condition
        return [(code.following(address), state)]
    return []


def _is_jump(code: Code, target: int, tried: frozenset[int]) -> bool:
    """Whether a `bl` to a place in its own function is a jump, as on Armv6-M where it is too far for others: what is there
    returns from the function whose frame is on the stack, so that it is no function itself."""
    if target in tried:
        return True
    try:
        walk(code, target, tried | {target})
    except Unread:
        return True
    return False


def flow(one: Instruction, code: Code) -> tuple[int, int]:
    """(kind, target; -1 where there is none)."""
    name, operands = one.name, one.operands
    found = re.search(r"\b(?:0x)?([0-9a-f]+)$", operands)
    target = int(found[1], 16) if found else -1
    if name in ("cbz", "cbnz", "tbz", "tbnz", "le", "letp") or name.startswith("wls"):
        return BRANCH, target
    if name == "b" and one.mnemonic not in ("b", "b.n", "b.w"):
        return BRANCH, target  # AArch64: b.eq
    if one.branch == "b":
        return (BRANCH, target) if one.conditional else (JUMP, target)
    if one.branch == "bl" or (one.branch == "blx" and re.fullmatch(r"(?:0x)?[0-9a-f]{3,}", operands)):
        return CALL, target
    if one.branch == "blx" or name in ("blr", "blxns"):
        return POINTER, -1
    if one.branch == "bx" or name == "bxns":
        return (END, -1) if operands == "lr" else (POINTER, -1)
    if name == "br":
        return (SWITCH, -1) if _by_table(one, code) else (POINTER, -1)
    if one.branch in ("tbb", "tbh"):
        return SWITCH, -1
    if name == "ret":
        return END, -1
    if name in ("udf", "bkpt", "brk", "hlt", "eret"):
        return STOP, -1
    if one.writes_pc:
        if name.startswith(("pop", "ldm")) or re.match(r"pc, \[sp\], ", operands) or operands == "pc, lr":
            return END, -1
        return SWITCH, -1
    return NEXT, -1


def _comes_back(one: Instruction) -> bool:
    return one.branch == "blx" or one.name in ("blr", "blxns")


def _by_table(one: Instruction, code: Code) -> bool:
    """Whether an AArch64 jump to a register is that of a switch: its address was just summed up from a table's entry."""
    for back in (4, 8, 12):
        before = code.instructions.get(one.address - back)
        if before and before.name == "add" and before.operands.startswith(f"{one.operands},"):
            return bool(re.search(r"[su]xt[bhw]", before.operands))
    return False


def _unreached(code: Code, start: int, end: int, states: Mapping[int, State]) -> int | None:
    """The first instruction of a function that no path has come to; padding is none."""
    for address in range(start, end, 2):
        one = code.instructions.get(address)
        if one is not None and address not in states and one.name != "nop":
            return address
    return None
