"""Names that tell things apart: codes, ids, names of users and groups.

One spelling: Unicode's NFC. No character that nobody sees. And of two names that look alike the
second is refused where it is made; what exists already stays.
"""

# ruff: noqa: RUF001 - letters that look alike are what it is about

import unicodedata
from collections.abc import Iterable
from itertools import zip_longest
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from common.errors import Conflict, InvalidInput

# Drawn as nothing, or as nothing but room, though Unicode counts them among letters, marks or
# symbols (Default_Ignorable_Code_Point of DerivedCoreProperties.txt, and the empty Braille cell).
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_BLANK_RANGES = ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0000, 0xE0FFF))
_BLANK_CATEGORIES = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"))

# Characters drawn like those below them, in most typefaces (after confusables.txt of Unicode's
# security mechanisms, UTS #39, for the scripts that people here mix up).
_ALIKE = (
    # Cyrillic, upper and lower case
    ("АВЕЅІЈКМНОРСТУХҮԌԚԜӀаеѕіјорсухԁһԛԝӏ", "ABESIJKMHOPCTYXYGQWIaesijopcyxdhqwl"),
    # Greek
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹͿαικνορυϲϳ", "ABEZHIKMNOPTYXCJaikvopucj"),
    # Armenian and Latin letters of other alphabets
    ("օսհոɑɡıɩ", "ouhnagii"),
    # Kana and Chinese characters
    ("へべぺカニロエタトハー", "ヘベペ力二口工夕卜八一"),
    # Dashes, quotes, dots, strokes
    ("‐‑‒–—―−⁃", "--------"),
    ("‘’ʼ′", "''''"),
    ("‧•∙・", "····"),
    ("⁄∕∶ː∼〜", "//::~~"),
)
_PAIRS = {one: other for some, others in _ALIKE for one, other in zip(some, others, strict=True)}
# A small letter counts as its capital does where it is not like another one itself.
_LIKE = {ord(c): other for c, other in ({c.lower(): o for c, o in _PAIRS.items()} | _PAIRS).items()}


def in_one_spelling(name: str) -> str:
    """The name in NFC, as it is stored and looked for."""
    return unicodedata.normalize("NFC", name)


def is_blank(character: str) -> bool:
    """Nobody sees it, or it is a blank other than the usual one."""
    code = ord(character)
    return character != " " and (
        unicodedata.category(character) in _BLANK_CATEGORIES
        or character in _BLANK_LETTERS
        or any(first <= code <= last for first, last in _BLANK_RANGES)
    )


def blank_fault(name: str) -> str | None:
    """Which character of the name nobody sees, and where; None where there is none."""
    for place, character in enumerate(name):
        if is_blank(character):
            return _(
                "It holds a character that nobody sees, %(code)s, as number %(place)s: write the "
                "name anew without it."
            ) % {"code": _code_point(character), "place": place + 1}
    return None


def appearance(name: str) -> str:
    """What names that look alike have in common: NFKC, one case, one of each confusable letter."""
    if name.isascii():
        return " ".join(name.casefold().split())
    plain = unicodedata.normalize("NFKC", name).translate(_LIKE).casefold()
    seen = "".join(c for c in unicodedata.normalize("NFKC", plain) if not is_blank(c))
    return " ".join(seen.split())


def find_twin(name: str, others: Iterable[str]) -> str | None:
    """One of the others that looks like the name and is not the very same."""
    own = appearance(name)
    return next((other for other in others if other != name and appearance(other) == own), None)


def twin_fault(name: str, twin: str) -> str:
    """Why a name is refused that looks like another, with the letters that differ unseen."""
    sentence = _("“%(name)s” looks like “%(twin)s”, which is there already.")
    here, there = next((a, b) for a, b in zip_longest(name, twin, fillvalue="") if a != b)
    told = sentence % {"name": name, "twin": twin}
    if here.casefold() == there.casefold() or not (here and there):
        return told
    where = _("They differ in %(here)s here and %(there)s there.")
    return f"{told} {where % {'here': _code_point(here), 'there': _code_point(there)}}"


def require_new_name(name: str, others: Iterable[str]) -> None:
    """Raise InvalidInput `invalid_name` for a blank character, Conflict `looks_alike`."""
    fault = blank_fault(name)
    if fault:
        raise InvalidInput("invalid_name", fault)
    twin = find_twin(name, others)
    if twin is not None:
        raise Conflict("looks_alike", twin_fault(name, twin), twin=twin)


class Known:
    """The names that are there, and those that a file would add: `fault` says why one cannot be."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = set(names)
        self._by_appearance = {appearance(name): name for name in self._names}

    def fault(self, name: str) -> str | None:
        """Nothing is wrong with a known name, whatever it is; a new one is known from now on."""
        if name in self._names:
            return None
        twin = self._by_appearance.setdefault(appearance(name), name)
        if twin != name:
            return twin_fault(name, twin)
        self._names.add(name)
        return None


def _code_point(character: str) -> str:
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X} {name}".strip()


def validate_seen(name: str) -> None:
    """Of forms: raise ValidationError for a character that nobody sees."""
    fault = blank_fault(name)
    if fault:
        raise ValidationError(fault)


class NameField(models.CharField):  # type: ignore[type-arg]  # not generic at run time
    """A name, stored and looked for in NFC, whoever writes it; new ones hold nothing unseen."""

    default_validators = [validate_seen]

    def to_python(self, value: Any) -> Any:
        given = super().to_python(value)
        return in_one_spelling(given) if isinstance(given, str) else given

    def get_prep_value(self, value: Any) -> Any:
        return self.to_python(super().get_prep_value(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        name = self.to_python(super().pre_save(model_instance, add))
        fault = blank_fault(name) if add and isinstance(name, str) else None
        if fault:
            raise InvalidInput("invalid_name", fault)
        setattr(model_instance, self.attname, name)
        return name


class Named(models.Model):
    """A row that people know by a name: forms refuse a new name that looks like another.

    NAME: the column. SCOPE: the column within whose rows names are told apart, "" = all rows.
    """

    NAME: ClassVar[str] = "code"
    SCOPE: ClassVar[str] = "bank_id"

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Raises ValidationError at the name; one that stands is never too late refused."""
        super().clean()
        rows = type(self)._base_manager.all()
        name = getattr(self, self.NAME)
        if not name or rows.filter(pk=self.pk, **{self.NAME: name}).exists():
            return
        if self.SCOPE:
            rows = rows.filter(**{self.SCOPE: getattr(self, self.SCOPE)})
        others = rows.exclude(pk=self.pk).values_list(self.NAME, flat=True)
        twin = find_twin(in_one_spelling(name), others)
        if twin is not None:
            raise ValidationError({self.NAME: twin_fault(name, twin)})
