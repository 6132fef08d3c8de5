"""What the calibration API takes in (unknown fields refused) and gives out."""

from typing import Any

from rest_framework import serializers

from common.api.serializers import FiniteField, StrictSerializer, WholeNumberField
from scoring.models import CalibrationRun
from scoring.recalibration.requests import MIN_RESPONSES, NODE_RANGE, NODES, TOLERANCE

LARGEST = 2**31 - 1


class RunInput(StrictSerializer):
    bank = serializers.SlugField()
    window_start = serializers.DateTimeField(required=False, allow_null=True)
    window_end = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Sessions that ended before; default: now."
    )
    nodes = WholeNumberField(default=NODES, min_value=11, max_value=501)
    node_range = FiniteField(default=NODE_RANGE, help_text="The quadrature spans ± this much θ.")
    tolerance = FiniteField(default=TOLERANCE)
    min_responses = WholeNumberField(default=MIN_RESPONSES, min_value=1, max_value=LARGEST)
    note = serializers.CharField(default="", allow_blank=True, max_length=2000)


class PublishInput(StrictSerializer):
    reason = serializers.CharField(max_length=500)


class RunFilter(StrictSerializer):
    """The query of the list of runs; `limit` and `offset` page through it."""

    bank = serializers.SlugField(required=False)
    status = serializers.ChoiceField(choices=CalibrationRun.Status.choices, required=False)
    limit = serializers.IntegerField(required=False)
    offset = serializers.IntegerField(required=False)


class RunRow(serializers.ModelSerializer[CalibrationRun]):
    bank = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    requested_by = serializers.SlugRelatedField[Any](slug_field="username", read_only=True)
    standing_release = serializers.IntegerField(source="standing.number", default=None)
    draft = serializers.IntegerField(source="draft_id", default=None)
    published_release = serializers.IntegerField(source="draft.number", default=None)

    class Meta:
        model = CalibrationRun
        fields = [
            "id",
            "bank",
            "status",
            "phase",
            "progress",
            "attempt",
            "error",
            "requested_by",
            "requested_at",
            "started_at",
            "finished_at",
            "cancel_requested_at",
            "window_start",
            "window_end",
            "nodes",
            "node_range",
            "tolerance",
            "min_responses",
            "note",
            "standing_release",
            "draft",
            "published_release",
        ]
        read_only_fields = fields


class RunDetail(RunRow):
    class Meta(RunRow.Meta):
        fields = [*RunRow.Meta.fields, "evidence"]
        read_only_fields = fields


class PublishedOutput(serializers.Serializer[Any]):
    release = serializers.IntegerField(help_text="Its number.")
    published_at = serializers.DateTimeField()
