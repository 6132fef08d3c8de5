"""The audit trail: who did what to which object, and why; one append-only row an act."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

# The acts of all floors, as people read them.
ACT_NAMES = {
    "approve_for_pretest": _("approved for pretest"),
    "cancel_calibration": _("cancelled the run"),
    "cancel_simulation": _("cancelled the simulation"),
    "change": _("changed"),
    "close_test": _("closed the test to students"),
    "create": _("created"),
    "create_item": _("wrote the item"),
    "create_test_version": _("made a test version"),
    "discard": _("discarded the draft"),
    "edit_parameters": _("edited parameters"),
    "end_session": _("ended the session"),
    "import_item": _("imported the item"),
    "import_items": _("imported a file"),
    "open_test": _("opened the test to students"),
    "publish": _("published"),
    "rebase": _("rebased the draft"),
    "retire": _("retired"),
    "revise": _("revised"),
    "set_enemies": _("chose enemy items"),
    "submit_for_review": _("submitted for review"),
    "withdraw": _("withdrew"),
}


class AuditEntry(models.Model):
    """One act with consequences. Append-only: a trigger refuses UPDATE and DELETE."""

    at = models.DateTimeField(_("at"), auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        verbose_name=_("actor"),
    )
    actor_name = models.CharField(_("actor"), max_length=150)
    act = models.CharField(_("act"), max_length=40)
    object_type = models.CharField(_("kind of object"), max_length=60)
    object_id = models.CharField(max_length=64)
    object_label = models.CharField(_("object"), max_length=200)
    reason = models.TextField(_("reason"), blank=True)
    detail = models.JSONField(_("detail"), default=dict)

    class Meta:
        app_label = "items"  # whose table it has always been
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = [
            # The history panel of one item or release, newest first.
            models.Index(fields=["object_type", "object_id", "-at"], name="items_audit_by_object"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name}: {self.act_name} {self.object_label}"

    @property
    def act_name(self) -> str:
        """The act in words."""
        return str(ACT_NAMES.get(self.act, self.act))


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
