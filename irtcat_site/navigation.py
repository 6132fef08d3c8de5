"""The admin's sidebar and start page: what each role finds, and in which order."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from items.models import BankRelease, Item, Status
from scoring.models import CalibrationRun
from sessions.models import Session

# (group, ((title, icon, model), …)), in the order of the sidebar.
GROUPS = (
    (
        gettext_lazy("Item bank"),
        (
            (gettext_lazy("Items"), "quiz", "items.item"),
            (gettext_lazy("Releases"), "deployed_code", "items.bankrelease"),
            (gettext_lazy("Content areas"), "account_tree", "items.contentarea"),
            (gettext_lazy("Stimuli"), "article", "items.stimulus"),
            (gettext_lazy("Enemy groups"), "swords", "items.enemygroup"),
            (gettext_lazy("Banks"), "inventory_2", "items.bank"),
            (gettext_lazy("Audit trail"), "policy", "items.auditentry"),
        ),
    ),
    (
        gettext_lazy("Delivery"),
        (
            (gettext_lazy("Tests"), "assignment", "cat_sessions.test"),
            (gettext_lazy("Norm groups"), "groups_2", "cat_sessions.normgroup"),
            (gettext_lazy("Simulations"), "experiment", "cat_sessions.simulation"),
            (gettext_lazy("Sessions"), "timeline", "cat_sessions.session"),
            (gettext_lazy("Tickets"), "confirmation_number", "cat_sessions.ticket"),
        ),
    ),
    (
        gettext_lazy("Calibration"),
        ((gettext_lazy("Calibration runs"), "function", "scoring.calibrationrun"),),
    ),
    (
        gettext_lazy("Schedules"),
        (
            (gettext_lazy("Scheduled tasks"), "schedule", "django_celery_beat.periodictask"),
            (gettext_lazy("Intervals"), "timelapse", "django_celery_beat.intervalschedule"),
            (
                gettext_lazy("Calendar times"),
                "calendar_month",
                "django_celery_beat.crontabschedule",
            ),
        ),
    ),
    (
        gettext_lazy("People"),
        (
            (gettext_lazy("Examinees"), "school", "cat_sessions.examinee"),
            (gettext_lazy("Examinee groups"), "groups", "cat_sessions.examineegroup"),
            (gettext_lazy("Users"), "person", "auth.user"),
            (gettext_lazy("Roles"), "badge", "auth.group"),
            (gettext_lazy("API tokens"), "key", "knox.authtoken"),
        ),
    ),
)


def style(request: HttpRequest) -> str:
    """The stylesheet that the admin's own pages add to Unfold's."""
    return static("css/admin.css")


def favicon(request: HttpRequest) -> str:
    return static("img/logo.svg")


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Unfold's navigation: the groups, with the links that this user may follow."""
    groups = (
        {"title": title, "items": [_link(*entry) for entry in entries if _sees(request, entry[2])]}
        for title, entries in GROUPS
    )
    return [group for group in groups if group["items"]]


def start_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's start page: what waits for this user, above the same groups."""
    return context | {"waiting": list(_waiting(request))}


def _waiting(request: HttpRequest) -> Iterator[dict[str, Any]]:
    """What somebody has to act on, or what is going on right now: number, sentence, address."""
    if _sees(request, "items.item"):
        count = Item.objects.where_newest(status=Status.REVIEW).count()
        yield _fact(count, _("items in review"), "items_item", "status=review")
    if _sees(request, "items.bankrelease"):
        count = BankRelease.objects.filter(number__isnull=True).count()
        yield _fact(count, _("draft releases"), "items_bankrelease", "state=draft")
    if _sees(request, "cat_sessions.session"):
        count = Session.objects.filter(status=Session.Status.OPEN).count()
        yield _fact(count, _("open sessions"), "cat_sessions_session", "status__exact=open")
    if _sees(request, "scoring.calibrationrun"):
        going = [CalibrationRun.Status.QUEUED, CalibrationRun.Status.RUNNING]
        count = CalibrationRun.objects.filter(status__in=going).count()
        yield _fact(count, _("calibration runs under way"), "scoring_calibrationrun")


def _fact(count: int, what: str, model: str, query: str = "") -> dict[str, Any]:
    return {
        "count": count,
        "what": what,
        "link": f"{reverse(f'admin:{model}_changelist')}{'?' if query else ''}{query}",
    }


def _sees(request: HttpRequest, label: str) -> bool:
    app, model = label.split(".")
    registered = admin.site.is_registered(apps.get_model(label))
    return registered and request.user.has_perm(f"{app}.view_{model}")


def _link(title: Any, icon: str, label: str) -> dict[str, Any]:
    address = reverse(f"admin:{label.replace('.', '_')}_changelist")
    return {"title": title, "icon": icon, "link": address}
