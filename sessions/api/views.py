"""The delivery API. Each view authenticates, validates, calls one domain function and responds."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.preconditions import IF_MATCH, etag_of, seen_by
from common.api.serializers import NoInput
from common.api.views import ApiView, Pages, outcomes, validate
from common.errors import NotFound, NotPermitted
from common.permissions import require_any
from sessions.api import serializers
from sessions.delivery import access, delivery
from sessions.delivery.access import Caller
from sessions.delivery.state import SessionState, shown_values
from sessions.models import Examinee, Session, Test
from sessions.people.authentication import AUTHENTICATION, caller_of
from sessions.people.catalogue import tests_for
from sessions.people.tickets import issue_ticket, redeem_ticket

TICKET_PAGE = "/t/"


class DeliveryView(ApiView):
    authentication_classes = AUTHENTICATION


def _tell(state: SessionState, status: int = 200) -> Response:
    """The state, with the ETag by which a write says what it has seen."""
    return Response(state, status=status, headers=etag_of(shown_values(state)))


def find_test(slug: str) -> Test:
    test = Test.objects.select_related("bank").filter(slug=slug).first()
    if test is None:
        raise NotFound("unknown_test", _("There is no such test, or it is not open to you."))
    return test


def find_examinee(examinees: QuerySet[Examinee], **lookup: Any) -> Examinee:
    examinee = examinees.filter(**lookup).first()
    if examinee is None:
        raise NotFound("unknown_examinee", _("There is no such examinee."))
    return examinee


class TestList(DeliveryView):
    @extend_schema(responses=outcomes(serializers.TestOutput(many=True), 403))
    def get(self, request: Request) -> Response:
        """The tests that the caller may take now; for staff all tests."""
        caller = caller_of(request)
        if caller.is_bearer:
            raise NotPermitted("permission_denied", _("The token opens one session only."))
        tests = tests_for(caller.user, self.received_at, get_language() or "en")
        return Response(serializers.TestOutput(tests, many=True).data)


class SessionList(DeliveryView):
    @extend_schema(
        operation_id="v1_sessions_list",
        parameters=[serializers.SessionFilter],
        responses=outcomes(serializers.SessionPage, 400, 403),
    )
    def get(self, request: Request) -> Response:
        """Sessions, newest first: those of the groups one teaches, or all for staff."""
        caller = caller_of(request)
        require_any(caller, access.SEE_ALL, access.INVITE)
        chosen = validate(serializers.SessionFilter, request.query_params)
        names = {
            "test": "test__slug",
            "group": "examinee__groups__code",
            "status": "status",
        }
        sessions = (
            Session.objects.visible_to(caller.user)
            .filter(**{names[field]: value for field, value in chosen.items()})
            .select_related("test", "examinee")
            .defer("log_likelihood", "scores")
            .order_by("-started_at", "pk")
        )
        pages = Pages()
        page = pages.paginate_queryset(sessions, request, self) or []
        rows = [serializers.SessionRow(session).data for session in page]
        return pages.get_paginated_response(rows)

    @extend_schema(
        request=serializers.StartInput,
        responses=outcomes(
            {200: serializers.StateOutput, 201: serializers.StateOutput}, 400, 403, 404, 409
        ),
    )
    def post(self, request: Request) -> Response:
        """Start a session: 201, or 200 with the one that is open already."""
        caller = caller_of(request)
        wish = validate(serializers.StartInput, request.data)
        examinee, invited = self._choose_examinee(caller, wish.get("examinee"))
        test = find_test(wish["test"])
        now, language = self.received_at, wish.get("language")
        session_id, is_new = delivery.start_session(examinee, test, now, language, invited=invited)
        state = delivery.session_state(session_id, caller=caller, now=now)
        return _tell(state, status=201 if is_new else 200)

    def _choose_examinee(self, caller: Caller, external_id: str | None) -> tuple[Examinee, bool]:
        """Who is to be tested, and whether staff invites."""
        if external_id is not None:
            require_any(caller, access.START_FOR_OTHERS)
            return find_examinee(Examinee.objects.all(), external_id=external_id), True
        if caller.is_bearer:
            raise NotPermitted("permission_denied", _("The token opens one session only."))
        examinee = Examinee.objects.filter(user=caller.user).first()
        if examinee is None:
            raise NotPermitted("no_examinee", _("This account does not belong to an examinee."))
        return examinee, False


class SessionDetail(DeliveryView):
    @extend_schema(responses=outcomes(serializers.StateOutput, 404, 409))
    def get(self, request: Request, session_id: UUID) -> Response:
        """Where the session stands, with the item that is due."""
        caller, now = caller_of(request), self.received_at
        return _tell(delivery.session_state(session_id, caller=caller, now=now))


class DueItem(DeliveryView):
    @extend_schema(responses=outcomes(serializers.DueItemOutput, 403, 404, 409))
    def get(self, request: Request, session_id: UUID) -> Response:
        """The item that is due: the same one however often it is asked for."""
        caller, now = caller_of(request), self.received_at
        return Response(delivery.select_next_item(session_id, caller=caller, now=now))


class Responses(DeliveryView):
    @extend_schema(
        request=serializers.ResponseInput,
        parameters=[IF_MATCH],
        responses=outcomes(serializers.StateOutput, 400, 403, 404, 409, 412, 413),
    )
    def post(self, request: Request, session_id: UUID) -> HttpResponse:
        """Answer the due item. Repeat the request until it is acknowledged: the same answer to
        the same position gets the same reply, byte for byte."""
        given = validate(serializers.ResponseInput, request.data)
        reply = delivery.record_response(
            session_id,
            **given,
            caller=caller_of(request),
            received_at=self.received_at,
            seen=seen_by(request),
        )
        return HttpResponse(reply.body, status=reply.status, content_type="application/json")


class Finish(DeliveryView):
    @extend_schema(
        request=NoInput,
        parameters=[IF_MATCH],
        responses=outcomes(serializers.StateOutput, 400, 403, 404, 409, 412),
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        """End the session now; ending it twice changes nothing."""
        validate(NoInput, request.data)
        caller, now = caller_of(request), self.received_at
        state = delivery.finish_session(session_id, caller=caller, now=now, seen=seen_by(request))
        return _tell(state)


class ReportDetail(DeliveryView):
    @extend_schema(responses=outcomes(serializers.ReportOutput, 404, 409))
    def get(self, request: Request, session_id: UUID) -> Response:
        """The score report; without scores while the session is open."""
        caller, now = caller_of(request), self.received_at
        return Response(delivery.session_report(session_id, caller=caller, now=now))


class TicketList(DeliveryView):
    @extend_schema(
        request=serializers.TicketInput,
        responses=outcomes({201: serializers.TicketOutput}, 400, 403, 404),
    )
    def post(self, request: Request) -> Response:
        """Invite an examinee to a test. Teachers invite the examinees of their groups."""
        caller, now = caller_of(request), self.received_at
        require_any(caller, access.INVITE)
        wish = validate(serializers.TicketInput, request.data)
        examinees = Examinee.objects.visible_to(caller.user)
        examinee = find_examinee(examinees, external_id=wish["examinee"])
        valid_for = timedelta(hours=wish["valid_hours"])
        secret = issue_ticket(examinee, find_test(wish["test"]), caller.user, now, valid_for)
        url = request.build_absolute_uri(TICKET_PAGE + secret)
        ticket = {"secret": secret, "url": url, "expires_at": now + valid_for}
        return Response(serializers.TicketOutput(ticket).data, status=201)


class TicketRedemption(DeliveryView):
    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(
        request=serializers.RedeemInput,
        responses=outcomes(serializers.RedeemedOutput, 400, 404, 409),
    )
    def post(self, request: Request) -> Response:
        """Use a ticket up; its session's token comes back."""
        secret = validate(serializers.RedeemInput, request.data)["secret"]
        session_id, token = redeem_ticket(secret, self.received_at)
        return Response({"session": str(session_id), "token": token})
