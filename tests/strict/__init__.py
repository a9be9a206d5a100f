"""Strict compilers, sanitizers, guard pages and MISRA: `python -m tests.strict` (docs/strict-c.md)."""
