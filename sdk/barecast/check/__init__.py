"""The invariants at the stages' borders: each check raises InternalError, naming what broke them."""

from __future__ import annotations

from barecast.check.graph import graph
from barecast.check.order import order
from barecast.check.plan import plan
from barecast.check.schedule import schedule

__all__ = ["graph", "order", "plan", "schedule"]
