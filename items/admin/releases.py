"""Releases: the list, one release with its contents and changes, and the acts on a draft."""

from typing import Any, Literal

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Count, F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    DropdownFilter,
    RelatedDropdownFilter,
)

from common.admin.base import (
    ReadOnlyAdmin,
    ReasonForm,
    column,
    errors_on,
    find,
    posted,
    render_page,
)
from common.admin.seen import FIELD, hand_out, seen_by
from common.edits import token_of
from common.errors import Conflict
from common.permissions import require_all
from items import enemies, releases
from items.models import BankRelease, ReleasedItem

PUBLISH = "items.publish_bankrelease"
CHANGE = "items.edit_parameters"
ROWS_PER_PAGE = 100
SIDES: dict[str, Literal["draft", "current"]] = {"draft": "draft", "current": "current"}


class StateFilter(DropdownFilter):  # type: ignore[misc]  # Unfold ships no annotations
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("draft", _("draft")), ("published", _("published"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() not in ("draft", "published"):
            return queryset
        return queryset.filter(number__isnull=self.value() == "draft")


def release_page(request: HttpRequest, object_id: str) -> HttpResponse:
    """One release: what it is, what it changes against its base, what is in it."""
    require_all(request.user, "items.view_bankrelease")
    release = find_release(object_id)
    rows = release.released_items.select_related("item", "item_version__item", "item_version__area")
    return render_page(
        request,
        "items/release.html",
        str(release),
        about=release,
        release=release,
        page=Paginator(rows.order_by("item__code"), ROWS_PER_PAGE).get_page(request.GET.get("p")),
        changes=releases.draft_changes(release),
        enemy_changes=enemies.enemy_changes(release),
        is_outdated=release.is_draft and release.base != release.bank.current_release,
        may_publish=request.user.has_perm(PUBLISH),
        may_change=request.user.has_perm(CHANGE),
    )


def publish_page(request: HttpRequest, release_id: int) -> HttpResponse:
    """Shows the changes and asks for the reason; POST publishes."""
    require_all(request.user, "items.view_bankrelease", PUBLISH)
    draft = find_release(release_id)
    form = ReasonForm(posted(request))
    hand_out(form, releases.draft_values(draft))
    if form.is_valid():
        with errors_on(form):
            reason = form.cleaned_data["reason"]
            published = releases.publish(draft, request.user, reason, seen_by(form))
            messages.success(request, _("Published as %(release)s.") % {"release": published})
            return redirect("admin:items_bankrelease_change", published.pk)
    return render_page(
        request,
        "items/publish.html",
        _("Publish %(draft)s") % {"draft": draft},
        about=draft,
        form=form,
        draft=draft,
        changes=releases.draft_changes(draft),
        enemy_changes=enemies.enemy_changes(draft),
        back=reverse("admin:items_bankrelease_change", args=[draft.pk]),
    )


def discard_page(request: HttpRequest, release_id: int) -> HttpResponse:
    """Asks for the reason; POST throws the draft away."""
    require_all(request.user, "items.view_bankrelease", CHANGE)
    draft = find_release(release_id)
    form = ReasonForm(posted(request), confirm=True)
    hand_out(form, releases.draft_values(draft))
    if form.is_valid():
        with errors_on(form):
            reason = form.cleaned_data["reason"]
            releases.discard(draft, request.user, reason, seen_by(form))
            messages.success(request, _("The draft is gone."))
            return redirect("admin:items_bankrelease_changelist")
    return render_page(
        request,
        "items/act.html",
        _("Discard %(draft)s") % {"draft": draft},
        about=draft,
        form=form,
        label=_("Discard"),
        explanation=_("Everything that was changed in this draft is lost."),
        is_grave=True,
        back=reverse("admin:items_bankrelease_change", args=[draft.pk]),
    )


def rebase_page(request: HttpRequest, release_id: int) -> HttpResponse:
    """POST puts the draft's changes onto the current release; conflicts are shown side by side."""
    require_all(request.user, "items.view_bankrelease", CHANGE)
    draft = find_release(release_id)
    conflicts: list[tuple[str, ReleasedItem | None, ReleasedItem | None]] = []
    if request.method == "POST":
        try:
            keep = SIDES.get(request.POST.get("keep", ""))
            releases.rebase(draft, request.user, keep, request.POST.get(FIELD) or None)
        except Conflict as conflict:
            messages.error(request, conflict.message)
            conflicts = _side_by_side(draft, conflict.detail.get("items", []))
        else:
            messages.success(request, _("The draft now stands on the current release."))
            return redirect("admin:items_bankrelease_change", draft.pk)
    return render_page(
        request,
        "items/rebase.html",
        _("Rebase %(draft)s") % {"draft": draft},
        about=draft,
        draft=draft,
        current=draft.bank.current_release,
        conflicts=conflicts,
        seen=token_of(releases.draft_values(draft)),
    )


def _side_by_side(
    draft: BankRelease, codes: list[str]
) -> list[tuple[str, ReleasedItem | None, ReleasedItem | None]]:
    """(code, row in the draft, row in the current release) of the named items."""
    ours, theirs = _by_code(draft, codes), _by_code(draft.bank.current_release, codes)
    return [(code, ours.get(code), theirs.get(code)) for code in codes]


def _by_code(release: BankRelease | None, codes: list[str]) -> dict[str, ReleasedItem]:
    rows = ReleasedItem.objects.filter(release=release, item__code__in=codes)
    return {row.item.code: row for row in rows.select_related("item", "item_version")}


def find_release(release_id: Any) -> BankRelease:
    related = ("bank", "base", "created_by", "published_by")
    return find(BankRelease.objects.select_related(*related), release_id)


@admin.register(BankRelease)
class BankReleaseAdmin(ReadOnlyAdmin):
    list_display = ("name", "state", "bank", "origin", "items", "by", "on", "note")
    list_filter = (
        ("bank", RelatedDropdownFilter),
        StateFilter,
        ("origin", ChoicesDropdownFilter),
    )
    list_select_related = ("bank", "created_by", "published_by")
    ordering = ("bank", F("number").desc(nulls_first=True), "-pk")
    pages = (
        ("<int:release_id>/publish/", "publish", publish_page),
        ("<int:release_id>/discard/", "discard", discard_page),
        ("<int:release_id>/rebase/", "rebase", rebase_page),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[BankRelease]:
        found: QuerySet[BankRelease] = super().get_queryset(request)
        return found.annotate(n_items=Count("released_items"))

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **options: Any
    ) -> HttpResponse:
        return release_page(request, object_id)

    @column(gettext_lazy("release"))
    def name(self, release: BankRelease) -> str:
        return str(release)

    @column(gettext_lazy("state"), label={"draft": "warning", "published": "success"})
    def state(self, release: BankRelease) -> tuple[str, str]:
        return ("draft", _("draft")) if release.is_draft else ("published", _("published"))

    @column(gettext_lazy("items"), ordering="n_items")
    def items(self, release: Any) -> int:
        count: int = release.n_items
        return count

    @column(gettext_lazy("by"))
    def by(self, release: BankRelease) -> str:
        return str(release.published_by or release.created_by or "")

    @column(gettext_lazy("date"))
    def on(self, release: BankRelease) -> Any:
        return release.published_at or release.created_at
