"""barecast boards: the boards that a program can be built and run for."""

from __future__ import annotations

from barecast import boards, report
from barecast.cli.choices import Debug, Json


def command(json: Json = None, debug: Debug = False) -> None:
    """List the boards."""
    known = [boards.load(name) for name in boards.names()]
    if json is not None:
        report.write_json(
            {
                "boards": [
                    {
                        "name": b.name,
                        "description": b.description,
                        "target": b.target,
                        "flash_bytes": b.flash_bytes,
                        "ram_bytes": b.ram_bytes,
                        "emulated": bool(b.machine),
                        "flash": dict(b.commands(b.flash)),
                        "run": dict(b.commands(b.run)),
                    }
                    for b in known
                ]
            },
            json,
        )
    if json != report.STANDARD_OUTPUT:
        rows = tuple(
            (
                b.name,
                b.target,
                *("-" if b.is_linux else report.number(size) for size in (b.flash_bytes, b.ram_bytes)),
                "yes" if b.machine else "-",
                ", ".join(dict.fromkeys(tool for tool, _ in (*b.flash, *b.run))) or "-",
                b.description,
            )
            for b in known
        )
        headings = ("board", "target", "flash>", "RAM>", "emulated", "tools", "description")
        report.print_table(report.Table("", headings, rows))
