"""The audit trail: one append-only row for each act with consequences."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

# The acts of all floors, as people read them.
ACT_NAMES = {
    "approve_for_pretest": _("approved for pretest"),
    "cancel_calibration": _("cancelled the run"),
    "cancel_simulation": _("cancelled the simulation"),
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
