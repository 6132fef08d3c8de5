"""Schedules in the admin: django-celery-beat's pages in Unfold's clothes, cut to what is used."""

from inspect import signature
from json import loads
from typing import Any

from celery import current_app
from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_celery_beat.admin import CrontabScheduleAdmin as BeatCrontabAdmin
from django_celery_beat.admin import PeriodicTaskAdmin as BeatTaskAdmin
from django_celery_beat.admin import PeriodicTaskForm, TaskSelectWidget
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.widgets import UnfoldAdminSelectWidget

from common.admin.base import EditAdmin
from items.models import Bank

START_RUN = "scoring.tasks.start_scheduled_run"

for model in (PeriodicTask, CrontabSchedule, IntervalSchedule, ClockedSchedule, SolarSchedule):
    admin.site.unregister(model)


class TaskSelect(UnfoldAdminSelectWidget, TaskSelectWidget):  # type: ignore[misc]  # both untyped
    """The tasks that the workers know."""


class TaskForm(PeriodicTaskForm):  # type: ignore[misc]  # untyped
    """The task is chosen from the known ones; its bank must exist."""

    class Meta(PeriodicTaskForm.Meta):  # type: ignore[misc]
        help_texts = {
            "kwargs": gettext_lazy(
                "What the task is called with. For a recalibration the slug of the bank: "
                '{"bank_slug": "mathematics"}'
            ),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        task = self.fields["regtask"]
        task.widget, task.label, task.required = TaskSelect(), gettext_lazy("Task"), True
        self.initial["regtask"] = self.instance.task
        for name in ("kwargs", "description"):
            self.fields[name].widget.attrs["rows"] = 3

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()
        self.instance.task = data["task"]  # the form shows `regtask` in its place
        if data.get("task") and "kwargs" in data:
            require = self._require_bank if data["task"] == START_RUN else self._require_fit
            require(loads(data["kwargs"]))
        return data

    def _require_fit(self, arguments: Any) -> None:
        """A task that is sent with arguments it does not take would fail every time."""
        task = current_app.tasks.get(self.instance.task)
        if task is None:
            return
        try:
            signature(task.run).bind(**arguments)
        except TypeError as exc:
            fault = _("The task cannot be called with this: %(reason)s.")
            self.add_error("kwargs", forms.ValidationError(fault % {"reason": exc}))

    def _require_bank(self, arguments: Any) -> None:
        slug = arguments.get("bank_slug") if isinstance(arguments, dict) else None
        if not Bank.objects.filter(slug=slug).exists():
            known = ", ".join(Bank.objects.order_by("slug").values_list("slug", flat=True))
            fault = _('Name a bank, as in {"bank_slug": "…"}. There are: %(known)s.')
            self.add_error("kwargs", forms.ValidationError(fault % {"known": known}))


@admin.register(PeriodicTask)
class TaskAdmin(BeatTaskAdmin, EditAdmin):  # type: ignore[misc]  # untyped
    form = TaskForm
    # Theirs carries an inline script, which the content policy refuses.
    change_form_template = None
    date_hierarchy = None
    # Not "run now": runs are started by hand on their own page, and a slot has one run only.
    actions = ("enable_tasks", "disable_tasks")
    list_display = ("name", "enabled", "scheduler", "last_run_at")
    list_filter = ("enabled",)
    fieldsets = (
        (None, {"fields": ("name", "regtask", "kwargs", "enabled", "description")}),
        (
            gettext_lazy("Schedule"),
            {
                "fields": ("crontab", "interval", "start_time", "last_run_at"),
                "description": gettext_lazy("Either a calendar time or an interval."),
            },
        ),
    )
    readonly_fields = ("last_run_at",)

    def edited_names(self, form: Any) -> list[str]:
        """`regtask` stands in the form for the task."""
        return [*super().edited_names(form), "task"]


@admin.register(CrontabSchedule)
class CrontabAdmin(BeatCrontabAdmin, EditAdmin):  # type: ignore[misc]  # untyped
    inlines = ()


@admin.register(IntervalSchedule)
class IntervalAdmin(EditAdmin):
    list_display = ("__str__",)
