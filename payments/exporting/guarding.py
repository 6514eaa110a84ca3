"""Text that a spreadsheet reads as text, never as a formula. The one place that knows how."""

from typing import Any

# The wide ones are what an East Asian keyboard types, and some spreadsheets read them the same.
_STARTS_A_FORMULA = (*"=+-@\t\r\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Echo:
    """A file that hands each line straight back, so that a long statement streams."""

    def write(self, line: str) -> str:
        return line


def safe_cell(value: Any) -> Any:
    """Words that look like a formula get an apostrophe before them; numbers stay numbers."""
    if isinstance(value, str) and value.startswith(_STARTS_A_FORMULA):
        return f"'{value}"
    return value
