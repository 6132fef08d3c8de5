"""Texts that belong to a bank are written in its languages, and in no others."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms

from common.admin.localized import LANGUAGES, LocalizedTextField, missing_in
from items.admin.content_form import languages_of
from items.models import Bank


class BankTextsForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """`texts` names fields of LocalizedTextField. While the form asks for the bank as well, they
    are offered in every language, and those of the bank that was chosen are asked for."""

    texts: ClassVar[tuple[str, ...]]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        bank = self.instance.bank if self.instance.pk else None
        for name in filter(self.fields.__contains__, self.texts):
            needed = languages_of(bank) if bank else ()
            stored = getattr(self.instance, name)
            offered = [*needed, *(code for code in stored if code not in needed)]
            self.fields[name] = self._field(name).in_languages(
                offered if bank else known_languages(), needed
            )

    def _field(self, name: str) -> LocalizedTextField:
        field: Any = self.base_fields[name]
        assert isinstance(field, LocalizedTextField)
        return field

    @property
    def bank(self) -> Bank | None:
        """Of the row, or as it was chosen; None where none was."""
        if self.instance.pk:
            return self.instance.bank  # type: ignore[no-any-return]
        return self.cleaned_data.get("bank")

    def clean(self) -> dict[str, Any]:
        written = super().clean() or {}
        if self.bank is None:
            return written
        for name in filter(self.fields.__contains__, self.texts):
            lacks = missing_in(written.get(name), languages_of(self.bank))
            if lacks and self._field(name).required and name not in self.errors:
                self.add_error(name, lacks)
        return written


def known_languages() -> Sequence[str]:
    """Those of the site and those of its banks."""
    of_banks: Iterable[list[str]] = Bank.objects.values_list("languages", flat=True)
    return list(dict.fromkeys([*LANGUAGES, *(code for codes in of_banks for code in codes)]))
