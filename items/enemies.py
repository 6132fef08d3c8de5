"""Enemy items: groups of which one session meets one item at most.

Publishing freezes the groups into the release; until then a change concerns no session.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from common import audit
from common.edits import Account, Standing, Values, require_seen, told_by_audit
from common.errors import Conflict, InvalidInput
from common.names import require_new_name
from items.models import Bank, BankRelease, EnemyGroup, Item
from items.releases import lock_bank, open_draft, require_reason

_Membership = EnemyGroup.items.through


class GroupChange(NamedTuple):
    """A group whose items differ between a release and its base: their codes, sorted."""

    group: str
    before: list[str]
    after: list[str]


def create_group(bank: Bank, code: str, note: str, actor: Any) -> EnemyGroup:
    """A group without items yet. Raises Conflict `code_taken`, `looks_alike`. Takes the lock of
    `lock_bank`."""
    with transaction.atomic():
        lock_bank(bank.pk)
        if bank.enemy_groups.filter(code=code).exists():
            raise Conflict("code_taken", _("There is an enemy group %s already.") % code)
        require_new_name(code, bank.enemy_groups.values_list("code", flat=True))
        group = EnemyGroup.objects.create(bank=bank, code=code, note=note)
        audit.record(actor, "create", group, note)
        return group


def shown_values(group: EnemyGroup) -> Values:
    """What a page shows of a group, by which a later change is known. One query."""
    return {"note": group.note, "items": sorted(_members([group])[group.pk])}


def set_enemies(
    group: EnemyGroup,
    items: Iterable[Item],
    actor: Any,
    reason: str,
    note: str | None = None,
    seen: str | None = None,
) -> None:
    """Make `items` the group, all others leave it; `note` None stays as it is.

    The bank's authoring draft is opened, so that there is a release to publish the change with.
    Raises InvalidInput `reason_required`, `foreign_item`, and ChangedMeanwhile where the group is
    not as it was `seen`. Takes the lock of `lock_bank`.
    """
    reason = require_reason(reason)
    chosen = list(items)
    foreign = sorted(item.code for item in chosen if item.bank_id != group.bank_id)
    if foreign:
        raise InvalidInput(
            "foreign_item",
            _("These items belong to another bank: %s.") % ", ".join(foreign),
        )
    with transaction.atomic():
        bank = lock_bank(group.bank_id)
        group.refresh_from_db(fields=["note"])
        require_seen(seen, shown_values(group), lambda names: _account(group, names))
        if note is not None and note != group.note:
            group.note = note
            group.save(update_fields=["note"])
        _write(bank, {group: {item.pk for item in chosen}}, actor, reason)


def _account(group: EnemyGroup, names: list[str]) -> Account:
    codes = ", ".join(group.items.order_by("code").values_list("code", flat=True))
    now = {"note": Standing(_("note"), group.note), "items": Standing(_("items"), codes)}
    return told_by_audit(group, [now[name] for name in names])


def set_groups(bank: Bank, codes_of: Mapping[Item, Iterable[str]], actor: Any, reason: str) -> None:
    """Put each item into exactly the groups of these codes; unknown ones are made.

    A constant number of queries. Call it under the lock of `lock_bank`.
    """
    if not codes_of:
        return
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for item, codes in codes_of.items():
        for code in codes:
            wanted[code].add(item.pk)
    groups = {group.code: group for group in bank.enemy_groups.all()}
    new = sorted(wanted.keys() - groups.keys())
    made = EnemyGroup.objects.bulk_create(EnemyGroup(bank=bank, code=code) for code in new)
    audit.record_all(audit.entry(actor, "create", group, reason) for group in made)
    groups |= {group.code: group for group in made}
    held = _members(groups.values())
    said = {item.pk for item in codes_of}
    members = {group: (held[group.pk] - said) | wanted[code] for code, group in groups.items()}
    _write(bank, members, actor, reason)


def groups_by_item(bank: Bank) -> dict[int, tuple[str, ...]]:
    """{item id: codes of its groups, sorted} of the items that have any. One query."""
    found = defaultdict(list)
    rows = _Membership.objects.filter(enemygroup__bank=bank)
    for item, code in rows.values_list("item_id", "enemygroup__code"):
        found[item].append(code)
    return {item: tuple(sorted(codes)) for item, codes in found.items()}


def enemy_changes(release: BankRelease) -> list[GroupChange]:
    """The groups that publishing a draft changes, or that a release has changed, against its
    base, by code. Two queries."""
    before = _released_groups(release.base) if release.base else {}
    after = _released_groups(release)
    return [
        GroupChange(code, before.get(code, []), after.get(code, []))
        for code in sorted(before.keys() | after.keys())
        if before.get(code) != after.get(code)
    ]


def _released_groups(release: BankRelease) -> dict[str, list[str]]:
    """{group code: its items' codes, sorted} as far as the release holds the items."""
    found = defaultdict(list)
    rows: Any = release.released_items.with_enemies()  # an annotation is beyond the type checker
    for item, codes in rows.values_list("item__code", "enemies"):
        for code in codes:
            found[code].append(item)
    return {code: sorted(items) for code, items in found.items()}


def _members(groups: Iterable[EnemyGroup]) -> defaultdict[int, set[int]]:
    """{group id: ids of its items}."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    rows = _Membership.objects.filter(enemygroup__in=list(groups))
    for group, item in rows.values_list("enemygroup_id", "item_id"):
        found[group].add(item)
    return found


def _write(bank: Bank, wanted: Mapping[EnemyGroup, set[int]], actor: Any, reason: str) -> None:
    """Give the groups these items, with an audit row for each group that changes."""
    held = _members(wanted)
    changed = {group: items for group, items in wanted.items() if items != held[group.pk]}
    if not changed:
        return
    rows = [(group.pk, item) for group, items in changed.items() for item in items]
    _Membership.objects.filter(enemygroup__in=list(changed)).delete()
    _Membership.objects.bulk_create(
        _Membership(enemygroup_id=group, item_id=item) for group, item in rows
    )
    concerned = set().union(*(items | held[group.pk] for group, items in changed.items()))
    codes = dict(Item.objects.filter(pk__in=concerned).values_list("pk", "code"))
    audit.record_all(
        audit.entry(
            actor,
            "set_enemies",
            group,
            reason,
            before=sorted(codes[item] for item in held[group.pk]),
            after=sorted(codes[item] for item in items),
        )
        for group, items in changed.items()
    )
    if bank.current_release:
        open_draft(bank, actor)
