"""Architectures as exporters write them: networks of this repository's own with small random weights.

    python -m tests.architectures -o docs/exporters.md

exports and verifies all of them and writes the table. torch and onnxscript are needed (the extra `exporters`).
keras_table.py does the same for networks of Keras (the extra `tensorflow` besides).
"""
