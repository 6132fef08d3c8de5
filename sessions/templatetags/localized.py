"""Template access to text that is stored as {language: text}, and to moments in a time zone."""

from datetime import datetime

from django import template
from django.utils.translation import get_language

from common.moments import moment_in
from items.models import in_language

register = template.Library()


@register.filter
def localized(text: dict[str, str]) -> str:
    """`text` in the active language, else in one that there is."""
    return in_language(text, get_language() or "en")


@register.filter
def moment(value: datetime, time_zone: str) -> str:
    """Date, time and zone as they are where the time zone is."""
    return moment_in(value, time_zone)
