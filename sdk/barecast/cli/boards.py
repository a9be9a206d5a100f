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
                    }
                    for b in known
                ]
            },
            json,
        )
    if json != report.STANDARD_OUTPUT:
        rows = tuple(
            (b.name, b.target, report.number(b.flash_bytes), report.number(b.ram_bytes), b.description) for b in known
        )
        report.print_table(report.Table("", ("board", "target", "flash>", "RAM>", "description"), rows))
