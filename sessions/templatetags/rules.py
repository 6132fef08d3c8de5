"""Rules in words, for templates."""

from django import template

from sessions.models import TestVersion
from sessions.rules.summary import summary

register = template.Library()


@register.filter
def in_words(version: TestVersion) -> str:
    """A test version in one line."""
    return summary(version)
