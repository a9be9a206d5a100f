"""barecast turns a trained ONNX network into standalone C for ARM: no interpreter, no heap, one static memory plan.

    import barecast

    barecast.generate("model.onnx", "firmware/model", target="cortex-m4")

    with barecast.compile("model.onnx") as model:
        outputs = model.run(array)

Everything in `__all__` is public and stays; the modules are the product's inside.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from barecast.version import __version__

if TYPE_CHECKING:
    from barecast.api import generate, profile, read, verify
    from barecast.errors import BarecastError, InternalError, ModelError, ToolError, UnsupportedError, UsageError
    from barecast.graph import Graph
    from barecast.host import CompiledModel, compile
    from barecast.integrations import scons_toolpath
    from barecast.profiling import Profile
    from barecast.verification import Verdict

__all__ = [
    "BarecastError",
    "CompiledModel",
    "Graph",
    "InternalError",
    "ModelError",
    "Profile",
    "ToolError",
    "UnsupportedError",
    "UsageError",
    "Verdict",
    "__version__",
    "compile",
    "generate",
    "profile",
    "read",
    "scons_toolpath",
    "verify",
]

_HOME = {
    "BarecastError": "errors",
    "CompiledModel": "host",
    "Graph": "graph",
    "InternalError": "errors",
    "ModelError": "errors",
    "Profile": "profiling",
    "ToolError": "errors",
    "UnsupportedError": "errors",
    "UsageError": "errors",
    "Verdict": "verification",
    "compile": "host",
    "generate": "api",
    "profile": "api",
    "read": "api",
    "scons_toolpath": "integrations",
    "verify": "api",
}


def __getattr__(name: str) -> Any:
    """Loads a public name when it is first used: `import barecast.graph` must not load compilers and frontends."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
