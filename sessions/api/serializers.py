"""What the API takes in (unknown fields refused) and, for the schema, what it gives out."""

from itertools import chain
from typing import Any

from rest_framework import serializers

from common.api.serializers import FiniteField, StrictSerializer, WholeNumberField
from items.kinds.registry import KINDS
from items.models import ResponseKind
from sessions.models import Session

LONGEST_POSITION = 32767
# One of each shape, in the order of the kinds that have it.
ANSWERS = list(dict.fromkeys(kind.answer_example for kind in KINDS.values()))


class StartInput(StrictSerializer):
    test = serializers.SlugField()
    language = serializers.CharField(required=False, max_length=10)
    examinee = serializers.CharField(required=False, max_length=100)


class ResponseInput(StrictSerializer):
    position = WholeNumberField(min_value=1, max_value=LONGEST_POSITION)
    item = WholeNumberField(min_value=1)
    answer = serializers.DictField(help_text=f'{", ".join(ANSWERS)} or {{"omit": true}}')
    client_seconds = FiniteField(required=False, min_value=0)


class TicketInput(StrictSerializer):
    test = serializers.SlugField()
    examinee = serializers.CharField(max_length=100)
    valid_hours = WholeNumberField(min_value=1, max_value=365 * 24, default=72)


class RedeemInput(StrictSerializer):
    secret = serializers.CharField(max_length=200)


class SessionFilter(serializers.Serializer[Any]):
    """The query of the list of sessions."""

    test = serializers.SlugField(required=False)
    group = serializers.SlugField(required=False)
    status = serializers.ChoiceField(choices=Session.Status.choices, required=False)


# --- what goes out


class TestLabelOutput(serializers.Serializer[Any]):
    slug = serializers.CharField()
    title = serializers.CharField()


class PublicTextOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    text = serializers.CharField(help_text="HTML")


class ItemOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="The item version: send it back as `item`.")
    kind = serializers.ChoiceField(choices=ResponseKind.choices)
    stimulus = serializers.CharField(allow_null=True, help_text="HTML")
    stem = serializers.CharField(help_text="HTML")
    options = PublicTextOutput(many=True)
    may_omit = serializers.BooleanField()

    def get_fields(self) -> dict[str, Any]:
        """Beside these, the lists that only some kinds have."""
        fields = super().get_fields()
        for name in chain.from_iterable(kind.public_lists for kind in KINDS.values()):
            fields.setdefault(name, PublicTextOutput(many=True, required=False))
        return fields


class StateOutput(serializers.Serializer[Any]):
    session = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Session.Status.choices)
    test = TestLabelOutput()
    examinee = serializers.CharField()
    language = serializers.CharField()
    position = serializers.IntegerField()
    answered = serializers.IntegerField()
    min_items = serializers.IntegerField()
    max_items = serializers.IntegerField()
    deadline = serializers.DateTimeField(allow_null=True)
    server_time = serializers.DateTimeField()
    item = ItemOutput(allow_null=True)
    stop_reason = serializers.CharField()


class DueItemOutput(serializers.Serializer[Any]):
    position = serializers.IntegerField()
    item = ItemOutput(allow_null=True)


class ReportOutput(serializers.Serializer[Any]):
    session = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Session.Status.choices)
    theta = serializers.FloatField(allow_null=True)
    standard_error = serializers.FloatField(allow_null=True)
    scaled_score = serializers.FloatField(allow_null=True)
    scaled_standard_error = serializers.FloatField(allow_null=True)
    level = serializers.CharField(allow_null=True)
    percentile = serializers.FloatField(
        allow_null=True,
        help_text="In the norm group; 0: below the 1st percentile, 100: above the 99th.",
    )
    answered = serializers.IntegerField()
    stop_reason = serializers.CharField()
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class TestOutput(serializers.Serializer[Any]):
    slug = serializers.CharField()
    title = serializers.CharField()
    instructions = serializers.CharField(help_text="HTML")
    min_items = serializers.IntegerField()
    max_items = serializers.IntegerField()
    time_limit = serializers.IntegerField(allow_null=True, help_text="seconds")
    window_start = serializers.DateTimeField(allow_null=True)
    window_end = serializers.DateTimeField(allow_null=True)


class SessionRow(serializers.Serializer[Session]):
    session = serializers.UUIDField(source="pk")
    test = serializers.CharField(source="test.slug")
    examinee = serializers.CharField(source="examinee.external_id")
    name = serializers.CharField(source="examinee.display_name")
    status = serializers.CharField()
    stop_reason = serializers.CharField()
    answered = serializers.SerializerMethodField()
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_answered(self, session: Session) -> int:
        return len(session.administered_items)


class SessionPage(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = SessionRow(many=True)


class TicketOutput(serializers.Serializer[Any]):
    secret = serializers.CharField(help_text="Shown once.")
    url = serializers.CharField(help_text="The link to hand to the examinee.")
    expires_at = serializers.DateTimeField()


class RedeemedOutput(serializers.Serializer[Any]):
    session = serializers.UUIDField()
    token = serializers.CharField(help_text="Send it as `Authorization: Bearer …`.")
