"""What changed from one version of an item to the next."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from common.edits import Account, Standing, Values, changed_names, told_by_audit
from items.models import Item, ItemVersion


class Change(NamedTuple):
    """One changed field; an empty side means added or removed."""

    field: str
    before: str
    after: str


def changed_fields(before: ItemVersion, after: ItemVersion) -> list[Change]:
    """The fields in which two versions differ, in the order of the item's form.

    Both need their `area`, `stimulus`, `options` and `numeric_rules` loaded.
    """
    old, new = _written(before), _written(after)
    names = [*new, *(name for name in old if name not in new)]
    return [
        Change(name, old.get(name, ""), new.get(name, ""))
        for name in names
        if old.get(name, "") != new.get(name, "")
    ]


def version_values(version: ItemVersion) -> Values:
    """What a page shows of an item's newest version, by which a later change is known."""
    return {"version": version.number, "status": version.status}


def account_since(item: Item, seen: str | None, names: Iterable[str]) -> Account:
    """Who changed what of the item since a page with the token `seen` showed it."""
    written = item.versions.select_related("area", "stimulus", "created_by")
    versions = list(written.prefetch_related("options", "numeric_rules").order_by("-number"))
    newest = versions[0]
    if "version" not in names:
        status = Standing(_("status"), newest.get_status_display())
        return told_by_audit(item, [status])
    before = next((v for v in versions if "version" not in _differing(seen, v)), None)
    changed = changed_fields(before, newest) if before else []
    by = newest.created_by.get_username() if newest.created_by else ""
    return Account(by, newest.created_at, [Standing(c.field, c.after) for c in changed])


def _differing(seen: str | None, version: ItemVersion) -> list[str]:
    return changed_names(seen or "", version_values(version))


def _written(version: ItemVersion) -> dict[str, str]:
    """Everything an author writes, as {name for people: text}."""
    texts: dict[str, Any] = {
        _("content area"): str(version.area),
        _("kind"): version.get_response_kind_display(),
        _("highest score"): str(version.max_score),
        _("stimulus"): str(version.stimulus or ""),
        _("expected seconds"): str(version.expected_seconds or ""),
    }
    for language, text in version.stem.items():
        texts[_("stem (%(language)s)") % {"language": language}] = text
    for option in version.options.all():
        for language, text in option.term.items():
            about = {"position": option.position, "language": language}
            texts[_("term %(position)s (%(language)s)") % about] = text
        for language, text in option.text.items():
            about = {"position": option.position, "language": language}
            texts[_("option %(position)s (%(language)s)") % about] = text
        texts[_("option %(position)s: score") % {"position": option.position}] = str(option.score)
        texts[_("option %(position)s: mistake") % {"position": option.position}] = option.note
    for number, rule in enumerate(sorted(version.numeric_rules.all(), key=lambda r: r.pk), 1):
        texts[_("numeric rule %(number)s") % {"number": number}] = str(rule)
    for language, text in version.rationale.items():
        texts[_("rationale (%(language)s)") % {"language": language}] = text
    return texts
