"""Random networks, quantised in random ways, held against onnxruntime: `python -m tests.fuzz` (docs/numerics.md)."""
