"""What holds for every test."""

from __future__ import annotations

import pytest
from hypothesis import settings

# The same examples on every run, so that a red test is red for everyone; no time limit for one example, since two
# test processes share the processor with compilers and emulators.
settings.register_profile("barecast", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("barecast")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden from what is generated now")
