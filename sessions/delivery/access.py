"""Who may touch which session: the examinee who owns it, a ticket's bearer, staff by permission.

Somebody else's session is "not found"; a session that one may see but not touch is "not permitted".
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from common.errors import Conflict, DomainError, NotFound, NotPermitted
from sessions.delivery.record import Record
from sessions.models import Session

DELIVER = "cat_sessions.add_response"
START_FOR_OTHERS = "cat_sessions.add_session"
END = "cat_sessions.change_session"
SEE_ALL = "cat_sessions.view_session"
INVITE = "cat_sessions.add_ticket"


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in user, or the bearer of a token that names one session and one device epoch."""

    user: Any = None
    session_id: UUID | None = None
    device_epoch: int = 0

    @property
    def is_bearer(self) -> bool:
        return self.session_id is not None

    def owns(self, record: Record) -> bool:
        if self.is_bearer:
            return self.session_id == record.session_id
        return record.user_id is not None and record.user_id == self.user.pk

    def is_fenced(self, record: Record) -> bool:
        """Another device has redeemed a newer ticket for this session."""
        return self.is_bearer and self.device_epoch != record.device_epoch

    def has_perm(self, permission: str) -> bool:
        return not self.is_bearer and bool(self.user.has_perm(permission))

    def sees(self, record: Record) -> bool:
        if self.is_bearer or not self.user.is_authenticated:
            return False
        return Session.objects.visible_to(self.user).filter(pk=record.session_id).exists()


def require_owner(caller: Caller, record: Record, permission: str) -> None:
    """Let the examinee, or staff with `permission`, act on the session.

    Raises NotFound, NotPermitted, or Conflict `taken_over` for a device that was replaced.
    """
    if caller.owns(record):
        if caller.is_fenced(record):
            raise _takeover()
        return
    if caller.has_perm(permission):
        return
    raise _refusal(caller, record)


def require_viewer(caller: Caller, record: Record) -> None:
    """Let the examinee, the teachers of the examinee's groups and staff see the session.

    Raises NotFound, or Conflict `taken_over` for a device that was replaced.
    """
    if caller.owns(record):
        if caller.is_fenced(record):
            raise _takeover()
        return
    if not caller.has_perm(DELIVER) and not caller.sees(record):
        raise _unknown_session()


def sees_item(caller: Caller, record: Record) -> bool:
    """The content of the due item goes to whoever may answer it, to nobody else."""
    return caller.owns(record) or caller.has_perm(DELIVER)


def _refusal(caller: Caller, record: Record) -> DomainError:
    if caller.sees(record):
        return NotPermitted("permission_denied", _("You may see this session but not do this."))
    return _unknown_session()


def _unknown_session() -> NotFound:
    return NotFound("unknown_session", _("There is no such session."))


def _takeover() -> Conflict:
    return Conflict(
        "taken_over", _("This test was continued on another device. Go on there."), state=None
    )
