"""Tickets invite one examinee to one test; redeemed, they become the token of one session.

A ticket's secret is shown once and stored as a digest. The token names the session and its device
epoch: redeeming a newer ticket for the same open session fences the device that held the old one.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import Conflict, InvalidInput, NotFound
from common.moments import moment_in
from sessions.delivery.access import Caller
from sessions.delivery.delivery import standing_session, start_session
from sessions.delivery.opening import require_not_closed
from sessions.models import Examinee, Session, Test, TestVersion, Ticket

LONGEST_VALIDITY = timedelta(days=365)
TOKEN_LIFETIME = timedelta(days=30)
SALT = "sessions.token"


def issue_ticket(
    examinee: Examinee, test: Test, actor: Any, now: datetime, valid_for: timedelta
) -> str:
    """A new ticket's secret, 256 random bits. Raises InvalidInput for an impossible validity."""
    if not timedelta(0) < valid_for <= LONGEST_VALIDITY:
        raise InvalidInput("invalid_validity", _("A ticket is valid for up to 365 days."))
    secret = secrets.token_urlsafe(32)
    Ticket.objects.create(
        digest=_digest(secret),
        examinee=examinee,
        test=test,
        created_by=actor,
        expires_at=now + valid_for,
    )
    return secret


@transaction.atomic
def redeem_ticket(secret: str, now: datetime, language: str | None = None) -> tuple[UUID, str]:
    """Use the ticket up: the examinee's open or new session, and the token that opens it.

    A new session speaks `language`, the examinee's where it is None. All or nothing: a ticket is
    not spent where the test cannot start. Locks the ticket and the session. Raises NotFound, and
    Conflict for a ticket that was used or has expired.
    """
    ticket = find_ticket(secret, now, lock=True)
    session_id, _created = start_session(ticket.examinee, ticket.test, now, language, invited=True)
    session = Session.objects.select_for_update().get(pk=session_id)
    session.device_epoch += 1
    session.version += 1
    session.save(update_fields=["device_epoch", "version"])
    ticket.used_at = now
    ticket.save(update_fields=["used_at"])
    return session_id, session_token(session_id, session.device_epoch)


def find_ticket(secret: str, now: datetime, *, lock: bool = False) -> Ticket:
    """The unused ticket; locked, inside a transaction, where it is going to be used.

    Raises NotFound, and Conflict for a ticket that was used or has expired.
    """
    tickets = Ticket.objects.select_related("examinee", "test__bank")
    if lock:
        tickets = tickets.select_for_update(of=("self",))
    ticket = tickets.filter(digest=_digest(secret)).first()
    if ticket is None:
        raise NotFound("unknown_ticket", _("There is no such ticket. Is the link complete?"))
    if ticket.used_at is not None:
        raise Conflict("ticket_used", _say_used(ticket, now))
    if now >= ticket.expires_at:
        raise Conflict("ticket_expired", _("This ticket has expired. Ask for a new one."))
    return ticket


def startable(ticket: Ticket, now: datetime) -> tuple[TestVersion, Session | None]:
    """What an unused ticket is good for: the version that it starts, and the session that it goes
    on with, where one stands.

    Raises Conflict where the test cannot be taken, and says why. A test that opens later can.
    """
    standing = standing_session(ticket.examinee, ticket.test, now)
    version = standing.test_version if standing else ticket.test.deliverable_version
    if version is None or ticket.test.bank.current_release is None:
        message = _("This test cannot be taken at the moment. Ask whoever invited you to it.")
        raise Conflict("not_available", message)
    if standing is None:
        require_not_closed(version, now)
    return version, standing


def opened_session(secret: str, caller: Caller) -> UUID | None:
    """The session that a used ticket opened, where it is the caller's: whoever follows the link
    again in the same browser, or signed in, gets back to it."""
    ticket = Ticket.objects.filter(digest=_digest(secret), used_at__isnull=False).first()
    if ticket is None:
        return None
    if caller.session_id is not None:
        sessions = Session.objects.filter(examinee=ticket.examinee_id, test=ticket.test_id)
        return sessions.filter(pk=caller.session_id).values_list("pk", flat=True).first()
    session = _session_of(ticket)
    is_own = caller.user.pk is not None and ticket.examinee.user_id == caller.user.pk
    return session.pk if session is not None and is_own else None


def _session_of(ticket: Ticket) -> Session | None:
    """The session that a used ticket began or went on with."""
    sessions = Session.objects.filter(examinee=ticket.examinee_id, test=ticket.test_id)
    begun = sessions.filter(started_at__lte=ticket.used_at).defer("log_likelihood")
    return begun.order_by("-started_at").first()


def _say_used(ticket: Ticket, now: datetime) -> str:
    """That a ticket was used, and what became of the test."""
    session = _session_of(ticket)
    if session is None:
        return _("This ticket was used before. Ask for a new one.")
    end = session.finished_at
    if end is None and session.has_run_out(now):
        end = session.deadline
    if end is None:
        return _(
            "This ticket was used before. Its test is still open where it was begun. Ask for a "
            "new one to go on with it here."
        )
    if session.stop_reason in ("", Session.StopReason.TIME):
        message = _(
            "This ticket was used before. The time of its test was up at %(end)s. Ask for a new "
            "one to take the test again."
        )
    else:
        message = _(
            "This ticket was used before. Its test ended at %(end)s. Ask for a new one to take "
            "the test again."
        )
    return message % {"end": moment_in(end, ticket.test.bank.time_zone)}


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def session_token(session_id: UUID, device_epoch: int) -> str:
    return signing.dumps([str(session_id), device_epoch], salt=SALT)


def token_bearer(token: str) -> Caller | None:
    """Who bears the token; None where it is not ours or too old."""
    try:
        session_id, epoch = signing.loads(token, salt=SALT, max_age=TOKEN_LIFETIME)
    except signing.BadSignature:
        return None
    return Caller(session_id=UUID(session_id), device_epoch=epoch)
