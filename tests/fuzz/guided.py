"""python -m tests.fuzz.guided CORPUS [LIBFUZZER OPTIONS]: damaged models, chosen by what the frontends' code does.

Needs the package atheris. The corpus folder is filled with sound models if it is empty; -max_total_time=3600 runs for
an hour. Any exception but a BarecastError stops the run and leaves the file.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

try:
    import atheris
except ImportError:
    sys.exit("python -m tests.fuzz.guided needs the package atheris (pip install atheris)")

with atheris.instrument_imports(include=["barecast.frontends", "barecast.passes", "barecast.ops"]):
    from tests.fuzz import flatbuffer_damage, mutants, protobuf_damage


def _name(data: bytes) -> str:
    return "fuzzed.tflite" if data[4:8] == b"TFL3" else "fuzzed.onnx"


def _try(data: bytes) -> None:
    mutants.compiled(_name(data), data)


def _damage(data: bytes, size: int, seed: int) -> bytes:
    """Half of the time a field; libFuzzer's own changes of bytes otherwise, and where the data has no fields."""
    if seed % 2:
        damage = flatbuffer_damage if _name(data).endswith(".tflite") else protobuf_damage
        try:
            changed = damage.damaged(data, np.random.default_rng(seed))
        except Exception:  # the corpus has files that are damaged already
            changed = b""
        if 0 < len(changed) <= size:
            return changed
    return atheris.Mutate(data, size)


def main() -> None:
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        corpus = Path(sys.argv[1])
        corpus.mkdir(parents=True, exist_ok=True)
        if not any(corpus.iterdir()):
            for index, data in enumerate(mutants.sources().values()):
                if len(data) < 20_000:
                    (corpus / f"{index:04}").write_bytes(data)
    atheris.Setup([*sys.argv, "-max_len=20000", "-rss_limit_mb=2000", "-timeout=20"], _try, custom_mutator=_damage)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
