"""`--kernels cmsis-nn`. What needs the library itself runs where CMSIS_NN_ROOT names one."""

from __future__ import annotations

import os

import pytest

needs_library = pytest.mark.skipif(
    not os.environ.get("CMSIS_NN_ROOT"), reason="CMSIS_NN_ROOT is not set: there is no CMSIS-NN to build with"
)
