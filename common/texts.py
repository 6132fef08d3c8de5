"""What of a text people see."""

import unicodedata

# Letters by their category that show nothing: fillers of Korean, the blank of Braille.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0")


def is_seen(letter: str) -> bool:
    """No blank, no control or format character, no filler."""
    category = unicodedata.category(letter)
    is_selector = "\ufe00" <= letter <= "\ufe0f"
    return category[0] not in "ZC" and letter not in _BLANKS and not is_selector


def is_blank(text: str) -> bool:
    """Nobody sees anything of it: zero-width characters alone, for example."""
    return not any(map(is_seen, text))


def as_seen(text: str) -> str:
    """The text in one spelling, without what nobody sees: equal for texts that look the same."""
    written = unicodedata.normalize("NFC", text)
    return " ".join("".join(x for x in written if x.isspace() or is_seen(x)).split())
