"""What happened: sessions and their append-only responses.

A session is pinned to one test version and one bank release. `Session.version` counts writes:
every writer updates the row only where the version it read still stands
(see sessions.delivery.delivery).
"""

import uuid
from datetime import datetime
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.fields import finite
from items.models import BankRelease, Item, ItemVersion
from sessions.models.exposure import ExposureTable
from sessions.models.people import Examinee
from sessions.models.specification import Test
from sessions.models.test_version import TestVersion


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, user: Any) -> Self:
        """All of them for staff who may view sessions, else those of the groups one teaches."""
        if user.has_perm("cat_sessions.view_session"):
            return self
        taught = Examinee.objects.filter(groups__teachers=user)
        return self.filter(examinee__in=taught)

    def open_past(self, moment: datetime) -> Self:
        """Open sessions whose deadline lies before `moment`."""
        return self.filter(status=Session.Status.OPEN, deadline__lt=moment)


class Session(models.Model):
    """One examinee taking one test."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        FINISHED = "finished", _("finished")
        EXPIRED = "expired", _("expired")

    class Source(models.TextChoices):
        LIVE = "live", _("live")
        SIMULATED = "simulated", _("simulated")

    class StopReason(models.TextChoices):
        STANDARD_ERROR = "standard_error", _("precise enough")
        ERROR_GAIN = "error_gain", _("hardly more precise by another item")
        THETA_CHANGE = "theta_change", _("ability stable")
        INFORMATION = "information", _("no informative item left")
        CLASSIFIED = "classified", _("level certain")
        COMBINATION = "combination", _("several rules met")
        MAX_ITEMS = "max_items", _("longest length reached")
        NO_ITEMS = "no_items", _("no item left")
        BY_EXAMINEE = "by_examinee", _("ended by the examinee")
        BY_STAFF = "by_staff", _("ended by staff")
        TIME = "time", _("time was up")
        FIXED_FORM = "fixed_form", _("end of the form")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    examinee = models.ForeignKey(
        Examinee, models.PROTECT, related_name="sessions", verbose_name=_("examinee")
    )
    test = models.ForeignKey(Test, models.PROTECT, related_name="sessions", verbose_name=_("test"))
    test_version = models.ForeignKey(TestVersion, models.PROTECT, related_name="sessions")
    release = models.ForeignKey(BankRelease, models.PROTECT, related_name="sessions")
    source = models.CharField(
        _("source"), max_length=10, choices=Source.choices, default=Source.LIVE
    )
    seed = models.BigIntegerField()
    language = models.CharField(max_length=10, default="en")
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.OPEN
    )
    stop_reason = models.CharField(max_length=16, choices=StopReason.choices, blank=True)
    version = models.PositiveIntegerField(default=0)
    device_epoch = models.PositiveIntegerField(default=0)

    started_at = models.DateTimeField(_("started at"))
    deadline = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    # The item that is due: what may be answered now, at `position`.
    position = models.PositiveSmallIntegerField(default=1)
    due_item_version = models.ForeignKey(ItemVersion, models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField(null=True)

    # What the engine was given at the start, so that the session replays: the prior of θ, where
    # the first item was looked for, what must not or need not be selected.
    prior_mean = models.FloatField(default=0.0)
    prior_sd = models.FloatField(default=1.0)
    start_theta = models.FloatField(null=True)
    seen_items = ArrayField(models.BigIntegerField(), default=list)
    ineligible_items = ArrayField(models.BigIntegerField(), default=list)
    pretest_items = ArrayField(models.BigIntegerField(), default=list)
    exposure_table = models.ForeignKey(
        ExposureTable, models.PROTECT, null=True, related_name="sessions"
    )
    # Why the due item is due (sessions.delivery.selection_log); its response keeps it.
    due_selection = models.JSONField(default=dict)

    # The measurement so far on the logistic metric: θ and its standard error as reported, and as
    # they steer the test; the log-likelihood on the release's grid (float64 bytes), and what was
    # answered, in order.
    theta = models.FloatField()
    standard_error = models.FloatField()
    # Of the test version's levels the one to report, from 0; NULL without cut scores.
    level = models.PositiveSmallIntegerField(null=True)
    interim_theta = models.FloatField(default=0.0)
    interim_standard_error = models.FloatField(default=1.0)
    log_likelihood = models.BinaryField()
    administered_items = ArrayField(models.BigIntegerField(), default=list)
    scores = ArrayField(models.SmallIntegerField(), default=list)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        constraints = [
            models.UniqueConstraint(
                fields=["examinee", "test"],
                condition=Q(status="open"),
                name="sessions_one_open_session",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "finished", "expired"]),
                name="sessions_status_known",
            ),
            models.CheckConstraint(
                condition=Q(source__in=["live", "simulated"]), name="sessions_source_known"
            ),
            models.CheckConstraint(
                condition=Q(status="open", finished_at__isnull=True, due_item_version__isnull=False)
                | (~Q(status="open") & Q(finished_at__isnull=False, due_item_version__isnull=True)),
                name="sessions_open_has_due_item",
            ),
            models.CheckConstraint(
                condition=finite("theta")
                & Q(standard_error__gt=0, standard_error__lt=float("inf")),
                name="sessions_theta_finite",
            ),
            models.CheckConstraint(
                condition=finite("interim_theta")
                & Q(interim_standard_error__gt=0, interim_standard_error__lt=float("inf")),
                name="sessions_interim_theta_finite",
            ),
            models.CheckConstraint(
                condition=finite("prior_mean")
                & finite("start_theta")
                & Q(prior_sd__gt=0, prior_sd__lt=float("inf")),
                name="sessions_session_prior_finite",
            ),
        ]
        indexes = [
            # Deadlines that passed while nobody looked.
            models.Index(
                fields=["deadline"], condition=Q(status="open"), name="sessions_open_by_deadline"
            ),
            # A teacher's list, newest first.
            models.Index(fields=["examinee", "-started_at"], name="sessions_by_examinee"),
            # The data window of a calibration run.
            models.Index(fields=["release", "finished_at"], name="sessions_by_release"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def answered(self) -> int:
        return len(self.administered_items)

    def has_run_out(self, at: datetime) -> bool:
        """The deadline has come, whether or not anybody has written down yet that it ended."""
        return self.deadline is not None and at >= self.deadline

    @property
    def scaled_score(self) -> float:
        """θ on the test's reporting scale."""
        return self.test_version.scale.score(self.theta)

    @property
    def scaled_standard_error(self) -> float:
        return self.test_version.scale.error(self.standard_error)


class Response(models.Model):
    """One administered item. Append-only; `reply` is what the client was told, byte for byte."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="responses")
    position = models.PositiveSmallIntegerField()
    item = models.ForeignKey(Item, models.PROTECT, related_name="responses")
    item_version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="responses")
    answer = models.JSONField()
    # NULL: omitted and left out, so that it counts neither here nor in calibration.
    score = models.PositiveSmallIntegerField(null=True)
    theta = models.FloatField()
    standard_error = models.FloatField()
    issued_at = models.DateTimeField()
    received_at = models.DateTimeField()
    client_seconds = models.FloatField(null=True)
    # Why the item was chosen (sessions.delivery.selection_log); θ and its error steered on.
    selection = models.JSONField(default=dict)
    reply_status = models.PositiveSmallIntegerField(default=200)
    reply = models.BinaryField()

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "position"], name="sessions_response_position_once"
            ),
            models.UniqueConstraint(fields=["session", "item"], name="sessions_response_item_once"),
            models.CheckConstraint(condition=Q(position__gte=1), name="sessions_response_from_one"),
            models.CheckConstraint(
                condition=finite("theta")
                & Q(standard_error__gt=0, standard_error__lt=float("inf")),
                name="sessions_response_theta_finite",
            ),
            models.CheckConstraint(
                condition=Q(client_seconds__isnull=True)
                | Q(client_seconds__gte=0, client_seconds__lt=float("inf")),
                name="sessions_client_seconds_finite",
            ),
        ]
        indexes = [
            # All answers to an item: bank health, calibration of one item.
            models.Index(fields=["item_version"], name="sessions_response_by_version"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} #{self.position}"

    @property
    def is_pretest(self) -> bool:
        """The item was given to learn about it, not about the examinee."""
        return bool(self.selection.get("pretest"))

    @property
    def seconds(self) -> float:
        """From the item's issue to the answer's arrival, by the server's clock."""
        return (self.received_at - self.issued_at).total_seconds()
