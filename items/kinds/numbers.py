"""Numbers as people type them: read with certainty, or not at all.

A text has one ordinary reading, as English and Korean write numbers: a dot is a decimal point, a
comma before groups of three digits groups thousands, any other comma is a decimal one. Where other
habits would read the text as another number (`1.500`, `1,500`, `3·5`), that reading comes after it.
"""

# ruff: noqa: RUF001, RUF002 - signs that look alike are what this module is about

import math
import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

LONGEST_TEXT = 100
MOST_WHOLE_DIGITS = 40

# Dashes of every keyboard and input method, beside those that Unicode calls dashes (Pd): the long
# vowel marks of Japanese and Korean and the lines of box drawing look the same and are typed so.
_MINUS = frozenset("−⁻₋˗ーｰㅡᅳ─━➖")
_NO_MINUS = frozenset("〜〰゠")
_PLUS = frozenset("⁺₊➕")
_POINTS = frozenset("٫。｡⎖")
_COMMAS = frozenset("،‚")
_MIDDLE_DOTS = frozenset("·・･∙⋅‧•ㆍᆞ")
_GROUP_MARKS = frozenset("٬'’‘ʼ′")
_DIVISIONS = frozenset("÷∕⧸")
_INVISIBLE = frozenset("\u034f\u115f\u1160\u3164\uffa0\u2800")
# A soft hyphen may be meant as a minus, an override turns what is seen around, and Arabic number
# signs are format characters that show.
_REFUSED = frozenset("\u00ad\u202d\u202e\u0600\u0601\u0602\u0603\u0604\u0605\u06dd")

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻₀₁₂₃₄₅₆₇₈₉", "0123456789+-0123456789")
_RAISED_FRACTION = re.compile("([⁰¹²³⁴-⁹]+)[⁄∕/]([₀-₉]+)")
_RAISED_POWER = re.compile("(?<![0-9.,])10([⁺⁻]?[⁰¹²³⁴-⁹]+)")

_SIGNED = re.compile(r"([+-]?) ?(.+)")
_POWER = re.compile(r"(.+?)(?: ?[eE] ?| ?[x×*·] ?10 ?\^ ?)([+-]?[0-9]{1,3})")
_FRACTION = re.compile(r"(?:([0-9]+) )?([0-9]+)( ?)([/⁄])( ?)([0-9]+)")
_PLAIN = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")
_ONE_DOT_GROUP = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
_COMMA_GROUPS = re.compile(r"[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]*)?")
_INDIAN_GROUPS = re.compile(r"[1-9][0-9]?(,[0-9]{2})+,[0-9]{3}(\.[0-9]*)?")
_DOT_GROUPS = re.compile(r"[1-9][0-9]{0,2}(\.[0-9]{3})+(,[0-9]*)?")
_OTHER_GROUPS = re.compile(r"[1-9][0-9]{0,2}([ '])[0-9]{3}(\1[0-9]{3})*([.,][0-9]*)?")
_DECIMAL_COMMA = re.compile(r"([0-9]*),([0-9]*)")
_MIDDLE_DOT = re.compile(r"([0-9]+)·([0-9]+)")


class Reading(NamedTuple):
    """What a text says: its normal form, its value, and a spelling that has no other reading."""

    normal: str
    value: float
    spelled: str


def read_number(text: str) -> list[Reading]:
    """Every number that the text may mean, the ordinary reading first; empty for no number."""
    plain = _plain(text) if len(text) <= 2 * LONGEST_TEXT else None
    if not plain or len(plain) > LONGEST_TEXT:
        return []
    found = _signed_readings(plain)
    if not found and plain.endswith("."):
        found = _signed_readings(plain[:-1])  # the end of a sentence
    return found


def _plain(text: str) -> str | None:
    """The text in the letters of ASCII, with `·` and `⁄` left; None where that would change it."""
    text = _RAISED_FRACTION.sub(lambda m: f" {m[1]}/{m[2]}".translate(_RAISED), text)
    text = _RAISED_POWER.sub(lambda m: f"10^{m[1]}".translate(_RAISED), text)
    letters = [_plain_letter(letter) for letter in text]
    if None in letters:
        return None
    return " ".join("".join(filter(None, letters)).split())


def _plain_letter(letter: str) -> str | None:
    category = unicodedata.category(letter)
    if letter in _REFUSED or (category == "Cc" and not letter.isspace()):
        return None
    if letter in _MINUS or (category == "Pd" and letter not in _NO_MINUS):
        return "-"
    for letters, plain in _ALIKE:
        if letter in letters:
            return plain
    if category == "Cf" or letter in _INVISIBLE or "\ufe00" <= letter <= "\ufe0f":
        return ""
    if letter.isspace():
        return " "
    if unicodedata.decomposition(letter).startswith(("<super>", "<sub>")):
        return None  # 10² is not 102
    return _compatible(letter)


_ALIKE = (
    (_PLUS, "+"),
    (_POINTS, "."),
    (_COMMAS, ","),
    (_MIDDLE_DOTS, "·"),
    (_GROUP_MARKS, "'"),
    (_DIVISIONS, "/"),
)


def _compatible(letter: str) -> str:
    """By NFKC, digits of any script as ASCII; ½ becomes ` 1/2`, so that 3½ is no 31/2."""
    written = unicodedata.normalize("NFKC", letter)
    if "⁄" in written and written != "⁄":
        return " " + written.replace("⁄", "/")
    digits = (unicodedata.decimal(part, None) for part in written)
    return "".join(p if d is None else str(d) for p, d in zip(written, digits, strict=True))


def _signed_readings(text: str) -> list[Reading]:
    match = _SIGNED.fullmatch(text)
    if match is None:
        return []
    sign, size = match[1], match[2]
    readings = [*_fractions(sign, size)] or [*_decimals(sign, size)]
    return [reading for reading in readings if math.isfinite(reading.value)]


def _fractions(sign: str, size: str) -> Iterator[Reading]:
    """3/4 and 1 1/2; `1 250/300` may be 1250/300, and `31⁄2` may be 3½."""
    match = _FRACTION.fullmatch(size)
    if match is None or int(match[6]) == 0:
        return
    whole, top, before, line, after, bottom = match.groups()
    if whole and len(top) > 1 and top[0] == "0":
        return  # `1 000/3` groups thousands
    normal = f"{top}{before}/{after}{bottom}"
    if not whole:
        yield _fraction(sign, "", top, bottom, normal)
        if line == "⁄" and len(top) > 1:
            yield _fraction(sign, top[:-1], top[-1], bottom)
        return
    yield _fraction(sign, whole, top, bottom, f"{whole} {normal}")
    if len(top) == 3 and re.fullmatch("[1-9][0-9]{0,2}", whole):
        yield _fraction(sign, "", whole + top, bottom)


def _fraction(sign: str, whole: str, top: str, bottom: str, normal: str = "") -> Reading:
    size = int(whole or 0) + Fraction(int(top), int(bottom))
    mixed = f"{whole} {top}/{bottom}" if whole else f"{top}/{bottom}"
    spelled = (
        f"{int(whole) * int(bottom) + int(top)}/{bottom}" if len(top) == 3 and whole else mixed
    )
    value = float(-size if sign == "-" else size)
    return Reading(sign + (normal or mixed), value, sign + spelled)


def _decimals(sign: str, size: str) -> Iterator[Reading]:
    power = _POWER.fullmatch(size)
    digits, exponent = (power[1], f"e{power[2]}") if power else (size, "")
    for normal in _decimal_forms(digits):
        if len(normal.split(".")[0]) <= MOST_WHOLE_DIGITS:
            whole = f"{sign}{normal}{exponent}"
            yield Reading(whole, float(whole), sign + _spell(normal) + exponent)


def _decimal_forms(text: str) -> Iterator[str]:
    """The digits with a decimal point and no groups, the ordinary reading first."""
    first_dot = text.replace(".", "#", 1).replace(",", "").replace(".", "").replace("#", ".")
    dropped = re.sub("[.,' ]", "", text)
    if _PLAIN.fullmatch(text):
        yield text
        if _ONE_DOT_GROUP.fullmatch(text):
            yield dropped
    elif _COMMA_GROUPS.fullmatch(text):
        yield text.replace(",", "")
        if text.count(",") == 1 and "." not in text:
            yield text.replace(",", ".")
    elif _INDIAN_GROUPS.fullmatch(text):
        yield text.replace(",", "")
    elif _DOT_GROUPS.fullmatch(text):
        yield text.replace(".", "").replace(",", ".")
        if text.count(".") == 1:
            yield from (first_dot, dropped)
    elif _OTHER_GROUPS.fullmatch(text):
        yield re.sub("[' ]", "", text).replace(",", ".")
    elif comma := _DECIMAL_COMMA.fullmatch(text):
        yield from _comma_forms(comma[1], comma[2])
    elif dot := _MIDDLE_DOT.fullmatch(text):
        yield f"{dot[1]}.{dot[2]}"
        yield str(int(dot[1]) * int(dot[2]))


def _comma_forms(whole: str, decimals: str) -> Iterator[str]:
    if whole or decimals:
        yield f"{whole}.{decimals}"
    if whole.lstrip("0") == whole != "" and len(decimals) > 1:
        yield whole + decimals  # a comma that somebody set at the wrong place


def _spell(normal: str) -> str:
    """The same number so that nobody groups its digits: 1.500 is 1.5, and 3.142 is 3.1420."""
    if "." not in normal:
        return normal
    short = normal.rstrip("0").rstrip(".")
    return f"{short}0" if _ONE_DOT_GROUP.fullmatch(short) else short or "0"
