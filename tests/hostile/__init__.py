"""Files, names and options that nobody means well with."""
