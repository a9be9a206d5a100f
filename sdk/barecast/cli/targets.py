"""barecast targets: the cores that code can be generated for."""

from __future__ import annotations

from barecast import report, targets
from barecast.cli.choices import Debug, Json
from barecast.options import OPTIMIZE


def command(json: Json = None, debug: Debug = False) -> None:
    """List the target cores."""
    known = [targets.load(name) for name in targets.names()]
    if json is not None:
        report.write_json(
            {
                "targets": [
                    {
                        "name": t.name,
                        "description": t.description,
                        "isa": sorted(t.isa),
                        "boards": list(t.boards),
                        "core_flags": list(t.core_flags),
                        "options": {optimize: list(t.firmware_options(optimize)) for optimize in OPTIMIZE},
                        "gcc_options": list(t.gcc_options),
                    }
                    for t in known
                ]
            },
            json,
        )
    if json != report.STANDARD_OUTPUT:
        rows = tuple((t.name, " ".join(sorted(t.isa)) or "-", ", ".join(t.boards) or "-", t.description) for t in known)
        report.print_table(report.Table("", ("target", "instruction sets", "emulated boards", "description"), rows))
