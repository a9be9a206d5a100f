"""The version, stated here and nowhere else: packaging reads this line, generated code is checked against it."""

__version__ = "0.1.0"


def version_number() -> int:
    """The version as the integer that BC_VERSION in runtime_c/include/barecast/bc.h states: 10000 major + 100 minor + patch."""
    major, minor, patch = (int(part) for part in __version__.split("."))
    return 10000 * major + 100 * minor + patch
