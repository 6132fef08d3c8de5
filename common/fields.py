"""Small helpers that name database-side checks used by several models."""

from typing import Any

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Exact


def localized_text(**options: Any) -> models.JSONField:
    """A JSON object {language code: text}; one key per language."""
    return models.JSONField(default=dict, **options)


def is_object(field: str) -> Exact:
    """SQL condition: the JSON column holds an object."""
    return _json_is(field, "object")


def is_list(field: str) -> Exact:
    """SQL condition: the JSON column holds a list."""
    return _json_is(field, "array")


def _json_is(field: str, kind: str) -> Exact:
    found = Func(F(field), function="jsonb_typeof", output_field=models.TextField())
    return Exact(found, Value(kind))


def finite(field: str) -> Q:
    """SQL condition: NULL, or neither NaN nor infinite (PostgreSQL sorts NaN above infinity)."""
    return Q(**{f"{field}__isnull": True}) | Q(
        **{f"{field}__gt": float("-inf"), f"{field}__lt": float("inf")}
    )


def strictly_increasing(field: str) -> Exact:
    """SQL condition: an array of finite numbers in strictly increasing order."""
    check = Func(F(field), function="items_strictly_increasing", output_field=models.BooleanField())
    return Exact(check, Value(True))


def all_finite(field: str) -> Q:
    """SQL condition: a list of finite numbers, at least one, none of them NULL."""
    return Q(
        _holds(field, "coalesce(array_ndims(%(expressions)s) = 1, false)"),
        _holds(field, "coalesce('-Infinity'::float8 < ALL(%(expressions)s), false)"),
        _holds(field, "coalesce('Infinity'::float8 > ALL(%(expressions)s), false)"),
    )


def all_finite_from_zero(field: str) -> Q:
    """SQL condition: an array of finite numbers from 0, none of them NULL."""
    return Q(_holds(field, "coalesce(0 <= ALL(%(expressions)s), false)")) & Q(
        _holds(field, "coalesce('Infinity'::float8 > ALL(%(expressions)s), false)")
    )


def is_nfc(field: str) -> Exact:
    """SQL condition: the text is in Unicode's NFC, so that one name has one spelling."""
    return _holds(field, "((%(expressions)s)::text IS NFC NORMALIZED)")


def _holds(field: str, template: str) -> Exact:
    check = Func(F(field), template=template, output_field=models.BooleanField())
    return Exact(check, Value(True))
