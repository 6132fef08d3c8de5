"""A form field for text kept as {language: text}: one labelled text area a language."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms.renderers import get_default_renderer
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminExpandableTextareaWidget

from common.texts import is_blank

LANGUAGE_NAMES = dict(settings.LANGUAGES)
LANGUAGES = tuple(LANGUAGE_NAMES)


class LocalizedTextWidget(forms.MultiWidget):
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

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """Our template, not a form renderer's: those look only into the folders of apps."""
        renderer = renderer or get_default_renderer()
        areas = self.get_context(name, value, attrs)["widget"]["subwidgets"]
        parts = [
            (
                LANGUAGE_NAMES.get(language, language),
                area["attrs"]["id"],
                SafeString(renderer.render(area["template_name"], {"widget": area})),
            )
            for language, area in zip(self.languages, areas, strict=True)
        ]
        return render_to_string(
            "items/widgets/localized.html", {"label": self.label, "parts": parts}
        )


class LocalizedTextField(forms.MultiValueField):
    """Cleans to {language: text} of what was written; where required, in every language."""

    def __init__(
        self,
        *,
        label: Any,
        languages: Sequence[str] = LANGUAGES,
        required: bool = True,
        rows: int = 2,
        needed: Sequence[str] | None = None,
        **options: Any,
    ) -> None:
        """`needed`: the languages of which none may lack; all of them where it is None."""
        self.languages, self.rows = languages, rows
        needed = languages if needed is None else needed
        fields = [
            forms.CharField(
                required=required and code in needed,
                validators=[_require_visible],
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

    def in_languages(self, languages: Sequence[str], needed: Sequence[str]) -> "LocalizedTextField":
        """The same field in these languages, required in those that are needed, if in any."""
        return LocalizedTextField(
            label=self.label,
            languages=languages,
            needed=needed,
            required=self.required and bool(needed),
            rows=self.rows,
            help_text=self.help_text,
        )


def missing_in(text: dict[str, str] | None, languages: Sequence[str]) -> str | None:
    """A sentence about the languages in which a text is missing; None where it has all."""
    lacking = [LANGUAGE_NAMES.get(code, code) for code in languages if not (text or {}).get(code)]
    return _("Missing in: %s.") % ", ".join(map(str, lacking)) if lacking else None


def _require_visible(text: str) -> None:
    if is_blank(text):
        raise ValidationError(_("It would show nothing. Write letters, digits or signs."))
