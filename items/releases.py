"""Bank releases: drafts, their changes, publishing, retiring, withdrawing.

Publishing is serialised by a lock on the bank's row. Nothing here touches a running session:
it keeps the release that it was pinned to, except for withdrawn items.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.edits import Account, Values, require_seen, told_by_audit
from common.errors import Conflict, InvalidInput
from items.models import Bank, BankRelease, Item, ItemVersion, ReleasedItem, Role, Status
from items.signals import release_published

# What a released item says about measurement: what two releases are compared by.
MEASUREMENT_FIELDS = (
    "item_version_id",
    "role",
    "model",
    "discrimination",
    "difficulty",
    "lower_asymptote",
    "upper_asymptote",
)
COPIED_FIELDS = (
    "item_id",
    *MEASUREMENT_FIELDS,
    "discrimination_se",
    "difficulty_se",
    "lower_asymptote_se",
    "upper_asymptote_se",
)


@dataclass(frozen=True, slots=True)
class Change:
    """One item that differs between two releases; `before` or `after` is None when it is absent."""

    item_id: int
    before: ReleasedItem | None
    after: ReleasedItem | None


def require_reason(reason: str) -> str:
    """Raises InvalidInput `reason_required` for an empty one."""
    if not reason.strip():
        raise InvalidInput("reason_required", _("Say why: the history keeps the reason."))
    return reason.strip()


def lock_bank(bank_id: int) -> Bank:
    """The bank, locked until the transaction ends. Takes: the bank's row FOR NO KEY UPDATE."""
    return Bank.objects.select_for_update(no_key=True).get(pk=bank_id)


def lock_draft(draft: BankRelease) -> Bank:
    """Lock the bank and read `draft` anew. Raises Conflict `already_published`, `discarded`."""
    bank = lock_bank(draft.bank_id)
    try:
        draft.refresh_from_db()
    except BankRelease.DoesNotExist:
        raise Conflict("discarded", _("The draft was discarded meanwhile.")) from None
    if not draft.is_draft:
        raise Conflict("already_published", _("Release %s is published and frozen.") % draft.number)
    return bank


def lock_draft_as_seen(draft: BankRelease, seen: str | None) -> Bank:
    """`lock_draft`, and ChangedMeanwhile where the draft is not as it was `seen`."""
    bank = lock_draft(draft)
    if seen is not None:
        require_seen(seen, draft_values(draft), lambda _names: _account(draft))
    return bank


def draft_values(draft: BankRelease) -> Values:
    """What a page shows of a draft, by which a later change is known. One query."""
    rows: Any = draft.released_items.with_enemies()  # an annotation is beyond the type checker
    held = rows.order_by("item_id").values_list("item_id", *MEASUREMENT_FIELDS, "enemies")
    return {"base": draft.base_id, "items": [(*row[:-1], sorted(row[-1] or ())) for row in held]}


def _account(draft: BankRelease) -> Account:
    """Whoever edited last an item that the draft changes, or the draft itself."""
    items = [Item(pk=change.item_id) for change in draft_changes(draft)]
    return told_by_audit(draft, [], parts=items)


def open_draft(
    bank: Bank, actor: Any, origin: str = BankRelease.Origin.AUTHORING, note: str = ""
) -> BankRelease:
    """A copy of the current release to change, or the authoring draft that is open already."""
    with transaction.atomic():
        lock_bank(bank.pk)
        if origin == BankRelease.Origin.AUTHORING:
            existing = bank.releases.filter(number__isnull=True, origin=origin).first()
            if existing:
                return existing
        base = bank.current_release
        draft = BankRelease.objects.create(
            bank=bank, base=base, origin=origin, note=note, created_by=actor
        )
        if base:
            _copy_items(base, draft)
        return draft


def _copy_items(source: BankRelease, target: BankRelease, without: Iterable[int] = ()) -> None:
    rows = source.released_items.exclude(item_id__in=list(without))
    ReleasedItem.objects.bulk_create(
        ReleasedItem(
            release=target,
            provenance=ReleasedItem.Provenance.INHERITED,
            **{name: getattr(row, name) for name in COPIED_FIELDS},
        )
        for row in rows
    )


def changes_between(before: BankRelease | None, after: BankRelease) -> list[Change]:
    """Items that differ in version, role, model or parameters, by item id. Two queries."""
    old = _by_item(before) if before else {}
    new = _by_item(after)
    return [
        Change(item_id, old.get(item_id), new.get(item_id))
        for item_id in sorted(old.keys() | new.keys())
        if _measurement(old.get(item_id)) != _measurement(new.get(item_id))
    ]


def draft_changes(draft: BankRelease) -> list[Change]:
    """What publishing `draft` changes, or has changed, against the release it is based on."""
    return changes_between(draft.base, draft)


def _by_item(release: BankRelease) -> dict[int, ReleasedItem]:
    rows = release.released_items.select_related("item", "item_version")
    return {row.item_id: row for row in rows}


def _measurement(row: ReleasedItem | None) -> tuple[Any, ...] | None:
    if row is None:
        return None
    return tuple(getattr(row, name) for name in MEASUREMENT_FIELDS)


def publish(draft: BankRelease, actor: Any, reason: str, seen: str | None = None) -> BankRelease:
    """Number and freeze `draft`; new sessions use it from now on.

    Raises Conflict `rebase_conflicts` and as `lock_draft_as_seen`; InvalidInput `reason_required`,
    `empty_release`. Takes the lock of `lock_bank`.
    """
    reason = require_reason(reason)
    with transaction.atomic():
        bank = lock_draft_as_seen(draft, seen)
        if draft.base != bank.current_release:
            rebase(draft, actor)
        if not draft.released_items.exists():
            raise InvalidInput("empty_release", _("The draft has no items."))
        return _number_and_freeze(bank, draft, actor, reason)


def _number_and_freeze(bank: Bank, draft: BankRelease, actor: Any, reason: str) -> BankRelease:
    newest = bank.current_release
    _apply_statuses(draft)
    draft.released_items.freeze_enemies()
    draft.number = 1 if newest is None else (newest.number or 0) + 1
    draft.published_at = timezone.now()
    draft.published_by = actor
    draft.note = draft.note or reason
    draft.save(update_fields=["number", "published_at", "published_by", "note"])
    audit.record(actor, "publish", draft, reason, number=draft.number, origin=draft.origin)
    release_published.send(BankRelease, release=draft, actor=actor)
    return draft


def _apply_statuses(draft: BankRelease) -> None:
    """Versions follow their role in the release; what it no longer holds is retired."""
    released = draft.released_items
    operational = list(
        released.filter(role=Role.OPERATIONAL).values_list("item_version", flat=True)
    )
    pretest = list(released.filter(role=Role.PRETEST).values_list("item_version", flat=True))
    ItemVersion.objects.filter(
        item__bank=draft.bank, status__in=[Status.PRETEST, Status.OPERATIONAL]
    ).exclude(pk__in=[*operational, *pretest]).exclude(
        # Approved while this draft was on its way: still waiting in the authoring draft.
        released__release__in=draft.bank.releases.filter(
            number__isnull=True, origin=BankRelease.Origin.AUTHORING
        ),
        status=Status.PRETEST,
    ).update(status=Status.RETIRED)
    ItemVersion.objects.filter(pk__in=pretest).update(status=Status.PRETEST)
    ItemVersion.objects.filter(pk__in=operational).update(status=Status.OPERATIONAL)


def rebase(
    draft: BankRelease, actor: Any, keep: str | None = None, seen: str | None = None
) -> BankRelease:
    """Re-apply the draft's changes to the current release.

    Where both changed an item differently, `keep` decides ("draft" or "current"); without it
    Conflict `rebase_conflicts` names the items. A newer version of an item always stays: what the
    draft says is about other content. Raises InvalidInput `unknown_choice` and Conflict as
    `lock_draft_as_seen`. Takes the lock of `lock_bank`.
    """
    if keep not in (None, "draft", "current"):
        raise InvalidInput("unknown_choice", _("Keep what the draft says, or the current release."))
    with transaction.atomic():
        bank = lock_draft_as_seen(draft, seen)
        current = bank.current_release
        if current is None or current == draft.base:
            return draft
        own = {change.item_id: change for change in draft_changes(draft)}
        theirs = {change.item_id: change for change in changes_between(draft.base, current)}
        conflicts = {
            item_id
            for item_id in own.keys() & theirs.keys()
            if _measurement(own[item_id].after) != _measurement(theirs[item_id].after)
        }
        if conflicts and keep is None:
            raise _conflict_over(conflicts)
        losers = conflicts if keep == "current" else _superseded_items(own, theirs)
        winning = set(own) - losers
        losing = draft.released_items.exclude(item_id__in=winning)
        versions = list(losing.values_list("item_version", flat=True))
        losing.delete()
        _copy_items(current, draft, without=winning)
        draft.base = current
        draft.save(update_fields=["base"])
        _return_to_review(bank, versions)
        audit.record(actor, "rebase", draft, keep=keep, onto=current.number)
        return draft


def _superseded_items(own: dict[int, Change], theirs: dict[int, Change]) -> set[int]:
    """Items of which the draft changes a version older than the one that is released by now."""
    return {
        item_id
        for item_id in own.keys() & theirs.keys()
        if (mine := own[item_id].after)
        and (newer := theirs[item_id].after)
        and mine.item_version.number < newer.item_version.number
    }


def _conflict_over(item_ids: Iterable[int]) -> Conflict:
    codes = list(
        Item.objects.filter(pk__in=item_ids).order_by("code").values_list("code", flat=True)
    )
    return Conflict(
        "rebase_conflicts",
        _("The current release changed the same items: %s. Rebase the draft and choose.")
        % ", ".join(codes),
        items=codes,
    )


def discard(draft: BankRelease, actor: Any, reason: str, seen: str | None = None) -> None:
    """Delete a draft and its rows; versions that waited in it go back to review.

    Raises InvalidInput `reason_required`; Conflict as `lock_draft_as_seen`. Takes the lock of
    `lock_bank`.
    """
    reason = require_reason(reason)
    with transaction.atomic():
        bank = lock_draft_as_seen(draft, seen)
        versions = list(draft.released_items.values_list("item_version", flat=True))
        audit.record(actor, "discard", draft, reason, origin=draft.origin)
        draft.delete()
        _return_to_review(bank, versions)


def _return_to_review(bank: Bank, version_ids: Iterable[int]) -> None:
    """Approved versions that wait in no release any more need approval again.

    Where the item has a version in preparation already, that one replaces them.
    """
    holding = Q(pk=getattr(bank.current_release, "pk", None)) | Q(number__isnull=True)
    waiting = ItemVersion.objects.filter(pk__in=version_ids, status=Status.PRETEST).exclude(
        released__release__in=bank.releases.filter(holding)
    )
    in_preparation = Item.objects.filter(versions__status__in=[Status.DRAFT, Status.REVIEW])
    waiting.filter(item__in=in_preparation).update(status=Status.RETIRED)
    waiting.update(status=Status.REVIEW)


def retire(item: Item, actor: Any, reason: str) -> BankRelease:
    """Publish a release without the item: no new session will see it.

    It leaves every draft too, so that publishing one cannot bring it back. Raises Conflict
    `not_released` when the current release does not hold it. Takes the lock of `lock_bank`.
    """
    reason = require_reason(reason)
    with transaction.atomic():
        bank = lock_bank(item.bank_id)
        current = bank.current_release
        if current is None or not current.released_items.filter(item=item).exists():
            raise Conflict("not_released", _("Item %s is not in the current release.") % item.code)
        release = BankRelease.objects.create(
            bank=bank,
            base=current,
            origin=BankRelease.Origin.RETIREMENT,
            note=_("Retires %s.") % item.code,
            created_by=actor,
        )
        _copy_items(current, release, without=[item.pk])
        for draft in bank.releases.filter(number__isnull=True).exclude(pk=release.pk):
            draft.released_items.filter(item=item).delete()
        audit.record(actor, "retire", item, reason)
        return _number_and_freeze(bank, release, actor, reason)


def withdraw(item: Item, actor: Any, reason: str) -> None:
    """Stop selecting the item now, in every session; an issued item stays scorable.

    A version written later is not withdrawn. Raises Conflict `already_withdrawn`.
    """
    reason = require_reason(reason)
    with transaction.atomic():
        changed = item.versions.filter(withdrawn_at__isnull=True).update(
            withdrawn_at=timezone.now()
        )
        if not changed:
            raise Conflict("already_withdrawn", _("Item %s is withdrawn already.") % item.code)
        audit.record(actor, "withdraw", item, reason, versions=changed)
