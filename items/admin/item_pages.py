"""The pages of one item: what it is now, its preview, its history."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from common.admin.base import find, render_page
from common.admin.localized import LANGUAGE_NAMES
from common.audit import AuditEntry
from common.permissions import require_all
from items.admin.content_form import languages_of
from items.admin.curves import Curve, curve_figure
from items.admin.item_acts import EDIT, PARAMETERS, acts_for
from items.answers import scoring_rule, shown_order
from items.history import changed_fields
from items.item_parameters import parameters_of
from items.kinds.registry import kind_of
from items.models import Bank, BankRelease, Item, ItemVersion, Option, ReleasedItem
from items.rendering import arrange, public_content, render_inline, render_text

# Of no session: a preview shows one order of those that students get.
PREVIEW_SEED = 0


def item_page(request: HttpRequest, object_id: str) -> HttpResponse:
    """The newest version, what may be done with it, and its parameters now and in the draft."""
    require_all(request.user, "items.view_item")
    item = find_item(object_id)
    newest = newest_version(item)
    released = standing_parameters(item)
    return render_page(
        request,
        "items/item.html",
        item.code,
        about=item,
        item=item,
        version=newest,
        live=item.versions.filter(status="operational").exclude(pk=newest.pk).first(),
        shown=_shown(newest),
        preview_language=languages_of(item.bank)[0],
        acts=acts_for(request, item, newest),
        may_edit=request.user.has_perm(EDIT),
        may_edit_parameters=bool(released) and request.user.has_perm(PARAMETERS),
        released=released,
        enemy_groups=item.enemy_groups.order_by("code").prefetch_related("items"),
        figure=figure_of(released),
    )


def preview_page(request: HttpRequest, item_id: int, number: int, language: str) -> HttpResponse:
    """What a student gets, drawn from exactly the content that is sent to students."""
    require_all(request.user, "items.view_item")
    item = find_item(item_id)
    version = get_object_or_404(_whole_versions(item), number=number)
    shown = shown_order(scoring_rule(version), version.pk, PREVIEW_SEED)
    return render_page(
        request,
        "items/preview.html",
        _("%(version)s as the student sees it") % {"version": version},
        about=item,
        item=item,
        version=version,
        public=arrange(public_content(version, language), shown),
        language=language,
        languages=[(code, LANGUAGE_NAMES.get(code, code)) for code in languages_of(item.bank)],
    )


def history_page(request: HttpRequest, object_id: str) -> HttpResponse:
    """Every version with what changed, every act with who and why, every set of parameters."""
    require_all(request.user, "items.view_item", "items.view_auditentry")
    item = find_item(object_id)
    versions = list(_whole_versions(item).order_by("-number"))
    earlier = [*versions[1:], None]
    return render_page(
        request,
        "items/history.html",
        _("History of %(item)s") % {"item": item.code},
        about=item,
        item=item,
        versions=[
            (version, changed_fields(before, version) if before else [])
            for version, before in zip(versions, earlier, strict=True)
        ],
        entries=AuditEntry.objects.filter(
            object_type=Item._meta.label_lower, object_id=str(item.pk)
        ).order_by("-at"),
        released=[(str(row.release), row) for row in _rows_in_every_release(item)],
    )


def _rows_in_every_release(item: Item) -> Any:
    rows = ReleasedItem.objects.filter(item=item).select_related("release__bank", "item_version")
    return rows.order_by(F("release__number").desc(nulls_first=True))


def find_item(item_id: Any) -> Item:
    return find(Item.objects.select_related("bank"), item_id)


def newest_version(item: Item) -> ItemVersion:
    """The newest version with everything that its page shows."""
    version: ItemVersion = _whole_versions(item).order_by("-number")[0]
    return version


def standing_parameters(item: Item) -> list[tuple[str, ReleasedItem]]:
    """(release, parameters) of an item in the current release and in the authoring draft."""
    releases = [item.bank.current_release, authoring_draft(item.bank)]
    rows = ReleasedItem.objects.filter(item=item, release__in=[r for r in releases if r])
    by_release = {row.release_id: row for row in rows.select_related("item_version__item")}
    return [
        (_release_name(release), by_release[release.pk])
        for release in releases
        if release and release.pk in by_release
    ]


def figure_of(released: list[tuple[str, ReleasedItem]]) -> str:
    """The curves of every set that has parameters; "" where there is none."""
    curves = curves_of(released)
    return curve_figure(curves) if curves else ""


def curves_of(released: list[tuple[str, ReleasedItem]]) -> list[Curve]:
    held = ((name, parameters_of(row)) for name, row in released)
    return [Curve(name, parameters) for name, parameters in held if parameters]


def authoring_draft(bank: Bank) -> BankRelease | None:
    return bank.releases.filter(number__isnull=True, origin=BankRelease.Origin.AUTHORING).first()


def _release_name(release: BankRelease) -> str:
    if release.is_draft:
        return _("draft release")
    return _("current release (%(number)s)") % {"number": release.number}


def _whole_versions(item: Item) -> Any:
    related = ("item__bank", "area", "stimulus", "created_by")
    return item.versions.select_related(*related).prefetch_related("options", "numeric_rules")


def _shown(version: ItemVersion) -> dict[str, Any]:
    """The content in every language, rendered, with what only staff see beside it."""
    languages = languages_of(version.item.bank)
    kind = kind_of(version.response_kind)
    body = version.stimulus.body if version.stimulus else {}
    return {
        "languages": [LANGUAGE_NAMES.get(language, language) for language in languages],
        "stimulus": _render(body, languages),
        "stem": _render(version.stem, languages),
        "options_title": kind.options_title,
        "option_parts": kind.option_parts,
        "options": [
            (option, [_cell(option, language) for language in languages])
            for option in version.options.all()
        ],
        "rules": version.numeric_rules.all(),
        "rationale": _render(version.rationale, languages),
    }


def _cell(option: Option, language: str) -> tuple[str, str]:
    """(term, text) of an option as HTML."""
    return render_inline(option.term.get(language, "")), render_inline(
        option.text.get(language, "")
    )


def _render(text: dict[str, str], languages: Sequence[str]) -> list[tuple[Any, str]]:
    """(language name, html) of the languages that the text is written in."""
    return [
        (LANGUAGE_NAMES.get(language, language), render_text(text[language]))
        for language in languages
        if text.get(language)
    ]
