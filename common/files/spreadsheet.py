"""Text cells that a spreadsheet must not run as formulas."""

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r\n]")


def escape_formula(text: str) -> str:
    """`text` with an apostrophe before a leading = + - @, tab or line end.

    Text that looks escaped already gets one more, so that `unescape_formula` undoes it exactly.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unescape_formula(text: str) -> str:
    """The inverse of `escape_formula`."""
    return text[1:] if _ESCAPED.match(text) else text
