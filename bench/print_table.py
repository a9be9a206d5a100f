"""Prints the JSON files of `barecast profile`, one row a file: what a network costs on each target.

    python bench/print_table.py FILE.json...

Columns are explained in docs/commands.md; instructions and cycles are those of one inference.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from barecast.report import Table, number, print_table, ratio

COLUMNS = ("target", "instructions>", "per MAC>", "cycles>", "code B>", "weights B>", "constants B>", "arena B>", "stack B>")


def row(profile: dict[str, Any]) -> tuple[str, ...]:
    """One target's figures as text; "-" where there is none (no emulator, no model of the core's timing)."""
    flash = profile["flash"]
    cycles, instructions = profile["cycles"], profile["instructions"]
    return (
        profile["target"],
        number(None if instructions is None else round(instructions)),
        ratio(instructions, profile["macs"]),
        number(None if cycles is None else round(cycles)),
        number(flash["code_bytes"]),
        number(flash["weights_bytes"]),
        number(flash["const_bytes"]),
        number(profile["arena_bytes"]),
        number(profile["stack_bytes"]),
    )


def main() -> None:
    profiles = [json.loads(Path(name).read_text()) for name in sys.argv[1:]]
    title = f"{profiles[0]['model']}, {number(profiles[0]['macs'])} MACs"
    print_table(Table(title, COLUMNS, tuple(row(profile) for profile in profiles)))


if __name__ == "__main__":
    main()
