"""Schedule -> Schedule and MemoryPlan: steps that run together a row at a time, so that whole images are never there.

layers: which steps can; walk: in which order, holding how many rows; build: the streams; choose: which of them.
docs/memory.md tells the rules.
"""

from __future__ import annotations

from barecast.streaming.choose import Choice, Chosen, choose

__all__ = ["Choice", "Chosen", "choose"]
