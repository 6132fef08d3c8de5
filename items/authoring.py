"""Writing items: each saved edit is the next version, and the workflow moves versions along."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common import audit
from common.edits import require_seen
from common.errors import Conflict, InvalidInput
from common.names import blank_fault, in_one_spelling, require_new_name
from items.content import Content, check_content, content_of
from items.history import account_since, version_values
from items.item_parameters import Parameters, parameters_of
from items.models import (
    Bank,
    BankRelease,
    Item,
    ItemVersion,
    NumericRule,
    Option,
    ReleasedItem,
    Role,
    Status,
)
from items.release_rows import place, set_parameters
from items.releases import lock_bank, open_draft, require_reason

LONGEST_CODE = 64
LONGEST_NOTE = 500


def code_fault(code: str) -> str | None:
    """Why `code` cannot name an item; None when it can."""
    blank = blank_fault(code.strip())
    if blank:
        return blank
    if not code or code != code.strip() or not code.isprintable():
        return _("A code is printable text without blanks around it.")
    if len(code) > LONGEST_CODE:
        return _("A code has at most %s characters.") % LONGEST_CODE
    return None


def create_item(bank: Bank, code: str, content: Content, actor: Any, note: str = "") -> ItemVersion:
    """A new item with its first version, a draft.

    Raises InvalidInput `invalid_code`, `invalid_content`; Conflict `code_taken`, `looks_alike`.
    Takes the lock of `lock_bank`.
    """
    code = in_one_spelling(code)
    fault = code_fault(code)
    if fault:
        raise InvalidInput("invalid_code", fault)
    check_content(bank, content)
    with transaction.atomic():
        lock_bank(bank.pk)
        if bank.items.filter(code=code).exists():
            raise Conflict("code_taken", _("There is an item %s already.") % code)
        require_new_name(code, bank.items.values_list("code", flat=True))
        item = Item.objects.create(bank=bank, code=code)
        version = new_version(item, 1, content, actor, note)
        write_versions([(version, content)])
        audit.record(actor, "create_item", item, note)
        return version


def lock_as_seen(item: Item, seen: str | None) -> None:
    """Lock the item's bank until the transaction ends.

    Raises ChangedMeanwhile where the caller, shown the token `seen`, saw another newest version, or
    this one with another status.
    """
    lock_bank(item.bank_id)
    require_seen(
        seen, version_values(item.newest_version), lambda names: account_since(item, seen, names)
    )


def revise(
    item: Item, content: Content, actor: Any, note: str, seen: str | None = None
) -> ItemVersion:
    """Write the next version; one that was still in preparation is retired by it.

    A form that its author sent twice writes one. Raises InvalidInput `invalid_content`,
    `reason_required`, and as `lock_as_seen`, whose lock it takes.
    """
    note = require_reason(note)
    check_content(item.bank, content)
    with transaction.atomic():
        lock_bank(item.bank_id)
        newest = item.newest_version
        if seen is not None and _says_it_all(newest, content, actor, note):
            return newest
        lock_as_seen(item, seen)
        item.versions.filter(status__in=[Status.DRAFT, Status.REVIEW]).update(status=Status.RETIRED)
        version = new_version(item, item.newest_version.number + 1, content, actor, note)
        write_versions([(version, content)])
        audit.record(actor, "revise", item, note, version=version.number)
        return version


def _says_it_all(newest: ItemVersion, content: Content, actor: Any, note: str) -> bool:
    """The author has just written the very same."""
    by = (newest.created_by_id, newest.change_note)
    return by == (getattr(actor, "pk", None), note) and content_of(newest) == content


def new_version(
    item: Item, number: int, content: Content, actor: Any, note: str, status: str = Status.DRAFT
) -> ItemVersion:
    """An unsaved version, for `write_versions`. Raises InvalidInput `note_too_long`."""
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(
            "note_too_long", _("What changed is said in at most %s characters.") % LONGEST_NOTE
        )
    return ItemVersion(
        item=item,
        number=number,
        status=status,
        area=content.area,
        stimulus=content.stimulus,
        response_kind=content.response_kind,
        max_score=content.max_score,
        expected_seconds=content.expected_seconds,
        stem=content.stem,
        rationale=content.rationale,
        change_note=note,
        created_by=actor,
    )


def write_versions(written: Sequence[tuple[ItemVersion, Content]]) -> None:
    """Insert new versions with their options and rules, in three statements for all of them."""
    ItemVersion.objects.bulk_create(version for version, _content in written)
    Option.objects.bulk_create(
        Option(
            item_version=version,
            position=position,
            text=option.text,
            score=option.score,
            note=option.note,
            term=option.term,
            is_sole_key=content.has_sole_key and option.score == 1,
        )
        for version, content in written
        for position, option in enumerate(content.options, start=1)
    )
    NumericRule.objects.bulk_create(
        NumericRule(item_version=version, lower=rule.lower, upper=rule.upper, score=rule.score)
        for version, content in written
        for rule in content.rules
    )


def submit_for_review(version: ItemVersion, actor: Any) -> None:
    """draft → review. Raises Conflict `illegal_move`."""
    _move(version, Status.DRAFT, Status.REVIEW, actor, "submit_for_review")


def return_to_draft(version: ItemVersion, actor: Any, reason: str) -> ItemVersion:
    """The reviewer hands it back: a new draft version with the same content.

    Raises Conflict `illegal_move` when the version is a draft already.
    """
    if version.status == Status.DRAFT:
        raise _illegal_move(version, Status.DRAFT)
    return revise(version.item, content_of(version), actor, reason)


def approve_for_pretest(version: ItemVersion, actor: Any) -> None:
    """review → pretest; the version enters the authoring draft release without parameters.

    Raises Conflict `illegal_move`, `withdrawn`, `edited_parameters`. Takes the lock of `lock_bank`.
    """
    with transaction.atomic():
        lock_bank(version.item.bank_id)
        draft = open_draft(version.item.bank, actor)
        _require_nothing_to_lose(draft, version.item)
        _move(version, Status.REVIEW, Status.PRETEST, actor, "approve_for_pretest")
        place(draft, version, Role.PRETEST, ReleasedItem.Provenance.MANUAL)


def _require_nothing_to_lose(draft: BankRelease, item: Item) -> None:
    """Raises Conflict where the draft holds other parameters than the release it is based on."""
    in_draft = _released_parameters(draft, item)
    if in_draft is None or in_draft.says_the_same_as(_released_parameters(draft.base, item)):
        return
    raise Conflict(
        "edited_parameters",
        _(
            "The draft release holds edited parameters of %s, which approving a new version would "
            "drop. Publish or discard the draft first."
        )
        % item.code,
    )


def _released_parameters(release: BankRelease | None, item: Item) -> Parameters | None:
    row = release.released_items.filter(item=item).first() if release else None
    return parameters_of(row) if row else None


def carry_parameters(version: ItemVersion, actor: Any, reason: str) -> ReleasedItem:
    """Give an approved version the parameters of its item in the current release.

    For an edit that does not touch what the item measures, such as a typo. Raises Conflict
    `nothing_to_carry` and as `set_parameters`.
    """
    bank = version.item.bank
    parameters = _released_parameters(bank.current_release, version.item)
    if parameters is None:
        raise Conflict(
            "nothing_to_carry",
            _("%s has no parameters in the current release.") % version.item.code,
        )
    with transaction.atomic():
        return set_parameters(open_draft(bank, actor), version, parameters, actor, reason)


def _move(version: ItemVersion, start: str, end: str, actor: Any, act: str) -> None:
    with transaction.atomic():
        moved = ItemVersion.objects.filter(pk=version.pk, status=start).update(status=end)
        version.refresh_from_db()
        if not moved:
            raise _illegal_move(version, end)
        audit.record(actor, act, version.item, version=version.number)


def _illegal_move(version: ItemVersion, end: str) -> Conflict:
    return Conflict(
        "illegal_move",
        _("%(version)s is “%(status)s” and cannot become “%(end)s”.")
        % {
            "version": version,
            "status": version.get_status_display(),
            "end": Status(end).label,
        },
    )
