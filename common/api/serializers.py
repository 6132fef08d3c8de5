"""What every API takes in strictly (unknown fields refused) and gives out when it refuses."""

import math
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from common.errors import InvalidInput


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not know: nobody sets `theta` by sending it."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(set(data) - set(self.fields))
        if unknown:
            message = _("Unknown fields: %(fields)s.") % {"fields": ", ".join(map(repr, unknown))}
            raise InvalidInput("unknown_field", message, fields=unknown)
        return super().to_internal_value(data)


class WholeNumberField(serializers.IntegerField):
    """A JSON number without a fraction; no text that looks like one, no boolean."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class FiniteField(serializers.FloatField):
    def to_internal_value(self, data: Any) -> float:
        if not isinstance(data, int | float) or isinstance(data, bool):
            self.fail("invalid")
        value = super().to_internal_value(data)
        if not math.isfinite(value):
            self.fail("invalid")
        return value


class NoInput(StrictSerializer):
    pass


class ErrorOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    detail = serializers.DictField()
