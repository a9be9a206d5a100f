"""A Python package of the compiled model: the C as an extension module by cffi, and a class with numpy arrays around it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from barecast.exports import Export, Package, no_microcontroller, render
from barecast.graph import DType


def _files(package: Package) -> Mapping[str, str]:
    # Project names are letters, digits and single dashes in between.
    project = "barecast-" + re.sub(r"_+", "-", package.name).strip("-")
    module = f"barecast_{package.name}"
    values = {"project": project, "module": module}
    headers = [path for path in package.files if path.endswith(".h")]
    return {
        "pyproject.toml": render("wheel/pyproject.toml.j2", package, **values),
        "setup.py": render("wheel/setup.py.j2", package, **values),
        "cffi_build.py": render("wheel/cffi_build.py.j2", package, **values),
        "MANIFEST.in": "".join(f"include {path}\n" for path in ("cffi_build.py", *headers)),
        f"python/{module}/__init__.py": render("wheel/__init__.py.j2", package, ports=_ports(package), **values),
        f"python/{module}/py.typed": "",
    }


def _ports(package: Package) -> dict[str, list[str]]:
    return {key: [_port(port) for port in package.manifest[key]] for key in ("inputs", "outputs", "states")}


def _port(port: Mapping[str, Any]) -> str:
    """The literal of a Port. Names are the model's: ascii() leaves nothing in them that could end the string."""
    numbers = (DType(port["dtype"]).numpy.name, tuple(port["shape"]), port["scale"], port["zero_point"])
    return f"Port({ascii(port['name'])}, {', '.join(repr(number) for number in numbers)})"


EXPORT = Export("Python wheel", _files, no_microcontroller)
