"""A form field for text kept as {language: text}: one labelled text area a language."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminExpandableTextareaWidget

LANGUAGE_NAMES = dict(settings.LANGUAGES)
LANGUAGES = tuple(LANGUAGE_NAMES)


class LocalizedTextWidget(forms.MultiWidget):
    template_name = "items/widgets/localized.html"
    use_fieldset = True

    def __init__(self, label: Any, languages: Sequence[str], rows: int) -> None:
        self.label, self.languages = label, languages
        super().__init__(
            {
                language: UnfoldAdminExpandableTextareaWidget({"rows": rows, "lang": language})
                for language in languages
            }
        )

    def decompress(self, value: dict[str, str] | None) -> list[str]:
        return [(value or {}).get(language, "") for language in self.languages]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        names = [LANGUAGE_NAMES.get(language, language) for language in self.languages]
        context["label"] = self.label
        context["named"] = list(zip(names, context["widget"]["subwidgets"], strict=True))
        return context


class LocalizedTextField(forms.MultiValueField):
    """Cleans to {language: text} of what was written; where required, in every language."""

    def __init__(
        self,
        *,
        label: Any,
        languages: Sequence[str] = LANGUAGES,
        required: bool = True,
        rows: int = 2,
        **options: Any,
    ) -> None:
        self.languages = languages
        fields = [
            forms.CharField(
                required=required,
                error_messages={
                    "incomplete": _("Missing in: %s.") % LANGUAGE_NAMES.get(code, code)
                },
            )
            for code in languages
        ]
        super().__init__(
            fields,
            label=label,
            required=required,
            require_all_fields=False,
            widget=LocalizedTextWidget(label, languages, rows),
            **options,
        )

    def compress(self, data_list: list[str]) -> dict[str, str]:
        texts = zip(self.languages, data_list, strict=False)
        return {language: text for language, text in texts if text}
