"""The calibration API. Each view authenticates, validates, calls one domain function, responds."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.preconditions import IF_MATCH, etag_of, seen_by
from common.api.serializers import NoInput
from common.api.views import ApiView, Pages, outcomes, validate
from common.errors import NotFound
from common.permissions import require_all
from common.runs.queue import cancel, find_run
from items.models import Bank
from scoring import serializers
from scoring.models import CalibrationRun
from scoring.recalibration import requests
from sessions.people.authentication import AUTHENTICATION

VIEW, START, CHANGE = (f"scoring.{verb}_calibrationrun" for verb in ("view", "add", "change"))
PUBLISH = "items.publish_bankrelease"


class CalibrationView(ApiView):
    authentication_classes = AUTHENTICATION


class RunList(CalibrationView):
    @extend_schema(
        parameters=[serializers.RunFilter],
        responses=outcomes(serializers.RunRow(many=True), 400, 403),
    )
    def get(self, request: Request) -> Response:
        """Calibration runs, newest first."""
        require_all(request.user, VIEW)
        chosen = validate(serializers.RunFilter, request.query_params)
        names = {"bank": "bank__slug", "status": "status"}
        runs = CalibrationRun.objects.filter(
            **{names[field]: value for field, value in chosen.items() if field in names}
        ).select_related(*CalibrationRun.RELATED)
        pages = Pages()
        page = pages.paginate_queryset(runs.defer("evidence"), request, self) or []
        return pages.get_paginated_response(serializers.RunRow(page, many=True).data)

    @extend_schema(
        request=serializers.RunInput,
        responses=outcomes({201: serializers.RunDetail}, 400, 403, 404, 409),
    )
    def post(self, request: Request) -> Response:
        """Queue a run; a worker takes it up."""
        require_all(request.user, START)
        wish = validate(serializers.RunInput, request.data)
        bank = Bank.objects.filter(slug=wish.pop("bank")).first()
        if bank is None:
            raise NotFound("unknown_bank", _("There is no such bank."))
        settings = requests.RunSettings(**wish)
        run = requests.request_run(bank, request.user, settings)
        return _tell(run, status=201)


class RunDetail(CalibrationView):
    @extend_schema(responses=outcomes(serializers.RunDetail, 403, 404))
    def get(self, request: Request, run_id: int) -> Response:
        """How far the run is, how it ended, and its evidence."""
        require_all(request.user, VIEW)
        return _tell(find(run_id))


class RunCancellation(CalibrationView):
    @extend_schema(
        request=NoInput,
        parameters=[IF_MATCH],
        responses=outcomes(serializers.RunDetail, 400, 403, 404, 409, 412),
    )
    def post(self, request: Request, run_id: int) -> Response:
        """Cancel: a queued run at once, a running one at its next EM iteration."""
        require_all(request.user, CHANGE)
        validate(NoInput, request.data)
        return _tell(cancel(find(run_id), request.user, seen_by(request)))


class RunPublication(CalibrationView):
    @extend_schema(
        request=serializers.PublishInput,
        parameters=[IF_MATCH],
        responses=outcomes(serializers.PublishedOutput, 400, 403, 404, 409, 412),
    )
    def post(self, request: Request, run_id: int) -> Response:
        """Publish the run's draft release: new sessions use it from now on."""
        require_all(request.user, VIEW, PUBLISH)
        reason = validate(serializers.PublishInput, request.data)["reason"]
        release = requests.publish_run(find(run_id), request.user, reason, seen_by(request))
        published: dict[str, Any] = {
            "release": release.number,
            "published_at": release.published_at,
        }
        return Response(serializers.PublishedOutput(published).data)


def _tell(run: CalibrationRun, status: int = 200) -> Response:
    """The run, with the ETag by which a write says what it has seen."""
    headers = etag_of(run.shown_values())
    return Response(serializers.RunDetail(run).data, status=status, headers=headers)


def find(run_id: int) -> CalibrationRun:
    run = find_run(CalibrationRun, run_id)
    if run is None:
        raise NotFound("unknown_run", _("There is no such calibration run."))
    return run
