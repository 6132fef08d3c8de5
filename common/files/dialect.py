"""How the text of a table is written: what separates its cells, and what its bytes mean."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

SEPARATORS = {
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    "pipe": "|",
    "space": " ",
}
# From the least to the most likely to stand inside a cell.
_TRIED = ("\t", ";", "|", ",", " ")

# Saved again by a spreadsheet the line is in quotes, or has the marks of empty cells after it.
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[;,\t |]*\r?\n?', re.IGNORECASE)

# Lead bytes of the 2,350 Hangul syllables of KS X 1001: 0xB0 to 0xC8, each with a second byte above
# 0xA0. Text of other code pages hardly ever consists of such pairs alone.
_HANGUL = re.compile(rb"(?:[\x00-\x7f]|[\xb0-\xc8][\xa1-\xfe])*")

_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")


@dataclass(frozen=True)
class Dialect:
    """What people say of a file; None where it is to be seen from the file itself.

    separator is one character, encoding a codec of Python, decimal "." or ",", sheet the name of a
    sheet of a workbook.
    """

    separator: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    sheet: str | None = None

    def number(self, text: str) -> float:
        """The number that a cell says, `1,5` too unless the decimal is a point.

        Raises ValueError.
        """
        if self.decimal == "," and "." in text:
            raise ValueError(text)
        if self.decimal != "." and _DECIMAL_COMMA.fullmatch(text):
            return float(text.replace(",", "."))
        return float(text)

    @property
    def for_other_files(self) -> "Dialect":
        """For the files beside the one that was spoken of: they show their separator."""
        return Dialect(encoding=self.encoding, decimal=self.decimal)


DETECTED = Dialect()


def separator_of(text: str) -> str:
    """The character or name that an option gives. Raises ValueError."""
    named = {"\\t": "\t", **SEPARATORS}.get(text.lower(), text)
    if len(named) != 1 or named.isalnum() or named in "\"'\r\n.":
        raise ValueError(text)
    return named


def encoding_of(text: str) -> str:
    """The codec of that name, which turns bytes into text. Raises ValueError."""
    try:
        name = codecs.lookup(text).name
        "".encode(name)
    except LookupError as error:
        raise ValueError(text) from error
    return "utf-8-sig" if name == "utf-8" else name


def stated_separator(line: str) -> str | None:
    """What the line `sep=;` says, which Excel reads and writes before the header."""
    found = _SEPARATOR_LINE.fullmatch(line)
    return found[1] if found else None


def detect_separator(first: str, second: str) -> str:
    """Of a header and the line after it.

    A comma unless the header has none, or another mark that as many times stands in the next line
    where the comma does not. A blank separates only where both lines have the same number of them.
    """
    header, body = _without_quoted(first), _without_quoted(second)
    counts = {mark: (header.count(mark), body.count(mark)) for mark in _TRIED}
    if counts[","][0] and counts[","][0] == counts[","][1]:
        return ","
    for mark, (above, below) in counts.items():
        if above and mark not in ", " and (above == below or not counts[","][0]):
            return mark
    blanks = len(header.split()), len(body.split())
    if not counts[","][0] and blanks[0] > 1 and blanks[0] == blanks[1]:
        return " "
    return ","


def is_korean(line: bytes) -> bool:
    """Whether all that is not ASCII is Hangul in EUC-KR, of which cp949 is the extension."""
    return not line.isascii() and _HANGUL.fullmatch(line) is not None


def _without_quoted(line: str) -> str:
    return "".join(_outside_quotes(line))


def _outside_quotes(line: str) -> Iterator[str]:
    yield from line.strip("\r\n").split('"')[::2]
