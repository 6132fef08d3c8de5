"""What the examinees' page asks of an item's kind; an unknown kind is an error there too."""

from string import ascii_uppercase

from django import template

from items.kinds.registry import kind_of

register = template.Library()


@register.filter
def kind_template(name: str) -> str:
    """The template of the part of the page where this kind of item is answered."""
    return kind_of(name).template


@register.filter
def answer_member(name: str) -> str:
    """The member of its answers, by which static/js/answers.js knows their shape."""
    return kind_of(name).answer_member


@register.filter
def letter(number: int) -> str:
    """A, B, … for 1, 2, …, up to `items.kinds.parts.MOST_OPTIONS`."""
    return ascii_uppercase[number - 1]
