"""The item list: columns, filters and search, in a number of queries that does not grow."""

from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RelatedDropdownFilter

from common.admin.base import KeptAdmin, column
from items.admin.curves import small_curve
from items.item_parameters import parameters_of
from items.models import (
    BankRelease,
    ContentArea,
    Item,
    ItemVersion,
    ReleasedItem,
    ResponseKind,
    Role,
    Status,
    in_language,
)

STATUS_COLOURS = {
    Status.DRAFT: "default",
    Status.REVIEW: "warning",
    Status.PRETEST: "info",
    Status.OPERATIONAL: "success",
    Status.RETIRED: "danger",
}
NO_ROLE = "none"
# A word joiner, which nobody sees, keeps Unfold from writing the parameters as A, B and C.
_AS_WRITTEN = "\u2060"


class AreaFilter(DropdownFilter):  # type: ignore[misc]  # Unfold ships no annotations
    title = _("content area")
    parameter_name = "area"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        areas = ContentArea.objects.select_related("bank").order_by("bank__slug", "code")
        return [(str(area.pk), f"{area} ({area.bank})") for area in areas]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not str(self.value() or "").isdigit():
            return queryset
        return queryset.where_newest(area=self.value())


class StatusFilter(DropdownFilter):  # type: ignore[misc]  # Unfold ships no annotations
    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Status.choices

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.where_newest(status=self.value()) if self.value() else queryset


class KindFilter(DropdownFilter):  # type: ignore[misc]  # Unfold ships no annotations
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return ResponseKind.choices

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.where_newest(response_kind=self.value()) if self.value() else queryset


class RoleFilter(DropdownFilter):  # type: ignore[misc]  # Unfold ships no annotations
    title = _("role in the current release")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [*Role.choices, (NO_ROLE, _("not in it"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        current = BankRelease.objects.current().values("pk")
        if self.value() == NO_ROLE:
            return queryset.exclude(released__release__in=current)
        if self.value() in Role.values:
            return queryset.filter(released__release__in=current, released__role=self.value())
        return queryset


class ItemListAdmin(KeptAdmin):
    """The columns read the two prefetched rows of each item: newest version, current release."""

    list_display = (
        "code",
        "stem",
        "area",
        "kind",
        "status",
        "response_model",
        "discrimination",
        "difficulty",
        "lower_asymptote",
        "upper_asymptote",
        "curve",
    )
    list_filter = (
        ("bank", RelatedDropdownFilter),
        AreaFilter,
        StatusFilter,
        KindFilter,
        RoleFilter,
    )
    search_fields = ("code",)
    search_help_text = _("Code or words of the stem")
    ordering = ("bank", "code")
    list_fullwidth = True
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Item]:
        newest = ItemVersion.objects.select_related("area").order_by("item", "-number")
        current = ReleasedItem.objects.filter(release__in=BankRelease.objects.current())
        items: QuerySet[Item] = super().get_queryset(request)
        return items.prefetch_related(
            Prefetch("versions", newest.distinct("item"), to_attr="newest"),
            Prefetch("released", current, to_attr="current"),
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Item], search_term: str
    ) -> tuple[QuerySet[Item], bool]:
        words = search_term.split()
        if not words:
            return queryset, False
        found = queryset.where_newest(*map(_mentions, words))  # type: ignore[attr-defined]
        return found, False

    @column(_("stem"))
    def stem(self, item: Item) -> str:
        text = in_language(_newest(item).stem, get_language() or "en")
        return Truncator(text).chars(60)

    @column(_("area"))
    def area(self, item: Item) -> str:
        return in_language(_newest(item).area.name, get_language() or "en")

    @column(_("kind"))
    def kind(self, item: Item) -> str:
        return _newest(item).get_response_kind_display()

    @column(_("status"), label=STATUS_COLOURS)
    def status(self, item: Item) -> tuple[str, Any]:
        version = _newest(item)
        if version.withdrawn_at:
            return Status.RETIRED, _("withdrawn")
        return version.status, version.get_status_display()

    @column(_("model"))
    def response_model(self, item: Item) -> str:
        released = _current(item)
        return released.get_model_display() if released and released.difficulty else ""

    @column(f"{_AS_WRITTEN}a")
    def discrimination(self, item: Item) -> str:
        released = _current(item)
        return _number(released.discrimination) if released else ""

    @column(f"{_AS_WRITTEN}b")
    def difficulty(self, item: Item) -> str:
        released = _current(item)
        if released is None or not released.difficulty:
            return ""
        lowest, highest = min(released.difficulty), max(released.difficulty)
        if len(released.difficulty) == 1:
            return _number(lowest)
        return f"{_number(lowest)} … {_number(highest)}"

    @column(f"{_AS_WRITTEN}c")
    def lower_asymptote(self, item: Item) -> str:
        released = _current(item)
        if released is None or not released.has_lower_asymptote:
            return ""
        return _number(released.lower_asymptote)

    @column(f"{_AS_WRITTEN}d")
    def upper_asymptote(self, item: Item) -> str:
        released = _current(item)
        if released is None or not released.has_upper_asymptote:
            return ""
        return _number(released.upper_asymptote)

    @column(_("curve"))
    def curve(self, item: Item) -> SafeString | str:
        released = _current(item)
        parameters = parameters_of(released) if released else None
        return small_curve(parameters) if parameters else ""


def _mentions(word: str) -> Q:
    in_stem = (
        Q(**{f"versions__stem__{language}__icontains": word})
        for language, _name in settings.LANGUAGES
    )
    return reduce(or_, in_stem, Q(code__icontains=word))


def _newest(item: Any) -> ItemVersion:
    version: ItemVersion = item.newest[0]
    return version


def _current(item: Any) -> ReleasedItem | None:
    return item.current[0] if item.current else None


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
