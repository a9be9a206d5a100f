"""An Arduino library: all that is compiled in src/, as the format has it, and an example sketch.

The IDE compiles every source below src/ and lets sketches include what lies in src/ itself; the kernels' headers are
found beside the model's, without a path of their own. Of assembler files it compiles those for the preprocessor (.S) only.
"""

from __future__ import annotations

from collections.abc import Mapping

from barecast.exports import Export, Package, licence, no_cmsis_nn, render


def _files(package: Package) -> Mapping[str, str]:
    return {
        "library.properties": render("arduino/library.properties.j2", package),
        "examples/Inference/Inference.ino": render("arduino/example.ino.j2", package),
        "LICENSE": licence(),
    }


EXPORT = Export("Arduino", _files, no_cmsis_nn, moves_to="src", takes_assembler=False)
