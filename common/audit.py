"""The audit trail: who did what to which object, and why."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils import translation

from items.models import AuditEntry


def record(actor: Any, act: str, obj: models.Model, reason: str = "", **detail: Any) -> AuditEntry:
    """Append one row. Call it in the transaction of the act itself; `actor` None is the system."""
    written = entry(actor, act, obj, reason, **detail)
    written.save(force_insert=True)
    return written


def entry(actor: Any, act: str, obj: models.Model, reason: str = "", **detail: Any) -> AuditEntry:
    """The unsaved row, for acts on many objects that are written together.

    The label is kept in English, whatever language the actor reads: one record, one language.
    """
    with translation.override("en"):
        label = str(obj)[:200]
    return AuditEntry(
        actor_id=getattr(actor, "pk", None),
        actor_name=actor.get_username() if actor is not None else "system",
        act=act,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        object_label=label,
        reason=reason,
        detail=detail,
    )


def record_all(entries: Iterable[AuditEntry]) -> None:
    """Append many rows in one statement."""
    AuditEntry.objects.bulk_create(entries)
