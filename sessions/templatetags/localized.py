"""Template access to text that is stored as {language: text}."""

from django import template
from django.utils.translation import get_language

from items.models import in_language

register = template.Library()


@register.filter
def localized(text: dict[str, str]) -> str:
    """`text` in the active language, else in one that there is."""
    return in_language(text, get_language() or "en")
