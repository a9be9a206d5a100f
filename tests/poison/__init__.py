"""Random networks run with garbage over all memory that nobody wants: `python -m tests.poison` (docs/memory.md)."""
