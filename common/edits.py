"""Two people edit one thing: the second is told who changed what, and nothing is overwritten.

Whoever shows a thing to be edited hands out a token of its values; whoever writes hands it back,
and the write compares it, under the lock of what it writes, with what stands by then.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from common.audit import AuditEntry
from common.errors import Conflict

Values = Mapping[str, Any]
_DIGITS = 16
_LONGEST_SHOWN = 200


class Standing(NamedTuple):
    """A part of a thing that somebody else changed, and what it says now; "" = not to be shown."""

    part: str
    now: str = ""


class Account(NamedTuple):
    """Who wrote last, when, and which parts differ from what was seen; as far as is known."""

    by: str
    at: datetime | None
    changed: list[Standing]


class ChangedMeanwhile(Conflict):
    """Somebody else wrote what the caller edits. `detail`: by, at, changed, and the new token."""

    status = 412


def token_of(values: Values) -> str:
    """A token of what stands: a digest of each value, between semicolons, without blanks."""
    return ";".join(f"{name}={_digest(value)}" for name, value in sorted(values.items()))


def changed_names(seen: str, values: Values) -> list[str]:
    """The names whose values differ from those that the token is of."""
    digests = dict(part.partition("=")[::2] for part in seen.split(";"))
    return [name for name, value in values.items() if digests.get(name) != _digest(value)]


def require_seen(
    seen: str | None, values: Values, tell: Callable[[list[str]], Account] | None = None
) -> None:
    """Raise ChangedMeanwhile unless the caller has seen these values.

    `seen`: the token that the caller was given; several between commas, of which one must fit; None
    from callers that show nothing. `tell` is asked about the names that differ.
    """
    token = token_of(values)
    if seen is None or token in seen.split(","):
        return
    names = changed_names(seen, values)
    account = tell(names) if tell else Account("", None, [])
    raise ChangedMeanwhile("changed_meanwhile", _sentence(account), **_detail(account), token=token)


def told_by_audit(
    row: models.Model, changed: Iterable[Standing], parts: Iterable[models.Model] = ()
) -> Account:
    """Who is said by the newest entry of the audit trail about the row or one of its parts."""
    keys: dict[str, list[str]] = {}
    for about in (row, *parts):
        keys.setdefault(about._meta.label_lower, []).append(str(about.pk))
    about_them = models.Q()
    for kind, ids in keys.items():
        about_them |= models.Q(object_type=kind, object_id__in=ids)
    last = AuditEntry.objects.filter(about_them).order_by("-at", "-pk").first()
    return Account(last.actor_name if last else "", last.at if last else None, list(changed))


def row_values(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """What the columns and lists of these names hold; of lists the sorted keys."""
    return {name: _value(row, name) for name in names}


def lock_as_seen(
    row: models.Model, names: Iterable[str], seen: str | None, wanted: Values | None = None
) -> dict[str, Any]:
    """Lock the row until the transaction ends; what stands in it under these names.

    What the caller does not edit is read anew into `row`, so that saving it puts nothing back.
    Raises ChangedMeanwhile, unless what others changed is so as it is `wanted` already (a form that
    was sent twice); and Conflict `gone` for a row that was deleted.
    """
    names = list(names)
    try:
        stored = type(row)._base_manager.select_for_update(no_key=True).get(pk=row.pk)
    except type(row).DoesNotExist:  # type: ignore[attr-defined]  # every concrete model has it
        raise Conflict("gone", _("It was deleted meanwhile.")) from None
    values = row_values(stored, names)
    if wanted is None or any(values[n] != wanted[n] for n in changed_names(seen or "", values)):
        require_seen(seen, values, lambda changed: told_by_audit(stored, _now(stored, changed)))
    for field in row._meta.concrete_fields:
        if field.name not in names:
            setattr(row, field.attname, getattr(stored, field.attname))
    return values


def _now(row: models.Model, names: Iterable[str]) -> list[Standing]:
    said = []
    for name in names:
        field = row._meta.get_field(name)
        label = str(getattr(field, "verbose_name", name))
        said.append(Standing(label, _shown(row, field)))
    return said


def _shown(row: models.Model, field: Any) -> str:
    value = field.value_from_object(row)
    if field.many_to_many:
        return ", ".join(sorted(map(str, value)))
    if isinstance(value, dict):
        return " / ".join(str(text) for text in value.values())
    return str(getattr(row, field.name) if field.is_relation else value or "")


def _value(row: models.Model, name: str) -> Any:
    field: Any = row._meta.get_field(name)
    value = field.value_from_object(row)
    return sorted(str(other.pk) for other in value) if field.many_to_many else value


def _digest(value: Any) -> str:
    said = json.dumps(value, sort_keys=True, default=str)
    return sha256(said.encode()).hexdigest()[:_DIGITS]


def _sentence(account: Account) -> str:
    who = account.by or _("Somebody")
    at = account.at and f"{timezone.localtime(account.at):%Y-%m-%d %H:%M %Z}"
    about = {"who": who, "at": at, "parts": ", ".join(part.part for part in account.changed)}
    if at and account.changed:
        told = _("%(who)s changed this meanwhile (%(at)s): %(parts)s.") % about
    elif at:
        told = _("%(who)s changed this meanwhile (%(at)s).") % about
    else:
        told = _("%(who)s changed this meanwhile.") % about
    kept = _("Nothing was overwritten.")
    return f"{told} {kept}"


def _detail(account: Account) -> dict[str, Any]:
    return {
        "by": account.by or None,
        "at": account.at and account.at.isoformat(),
        "changed": [
            {"part": part.part, "now": part.now[:_LONGEST_SHOWN]} for part in account.changed
        ],
    }
