"""Writing items: each saved edit is the next version, and the workflow moves versions along."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from items import audit
from items.errors import Conflict, InvalidInput
from items.models import (
    Bank,
    ContentArea,
    Item,
    ItemVersion,
    NumericRule,
    Option,
    ReleasedItem,
    ResponseKind,
    Role,
    Status,
    Stimulus,
)
from items.parameters import parameters_of, place, set_parameters
from items.releases import lock_bank, open_draft, require_reason

Text = dict[str, str]


@dataclass(frozen=True)
class OptionContent:
    text: Text
    score: int = 0
    note: str = ""


@dataclass(frozen=True)
class RuleContent:
    """Numeric answers in [lower, upper] earn `score`."""

    lower: float
    upper: float
    score: int = 1


@dataclass(frozen=True)
class Content:
    """All that an item version says; options or rules as its kind asks."""

    area: ContentArea
    response_kind: str
    stem: Text
    options: tuple[OptionContent, ...] = ()
    rules: tuple[RuleContent, ...] = ()
    rationale: Text = field(default_factory=dict)
    stimulus: Stimulus | None = None

    @property
    def max_score(self) -> int:
        """The best rule or option; the sum for multiple response with partial credit."""
        if self.response_kind == ResponseKind.NUMERIC:
            return max((rule.score for rule in self.rules), default=0)
        scores = [option.score for option in self.options]
        if self.response_kind == ResponseKind.MULTIPLE_RESPONSE and max(scores, default=0) > 1:
            return sum(scores)
        return max(scores, default=0)

    @property
    def has_sole_key(self) -> bool:
        return self.response_kind == ResponseKind.SINGLE_CHOICE and self.max_score == 1


def check_content(bank: Bank, content: Content) -> None:
    """Raises InvalidInput `invalid_content` whose `detail.fields` names every fault by field."""
    faults: dict[str, str] = {}
    for name, check in _CHECKS.items():
        fault = check(bank, content)
        if fault:
            faults[name] = fault
    if faults:
        sentence = " ".join(f"{name}: {fault}" for name, fault in faults.items())
        raise InvalidInput("invalid_content", sentence, fields=faults)


def _area_fault(bank: Bank, content: Content) -> str | None:
    if content.area.bank_id != bank.pk:
        return _("The content area belongs to another bank.")
    return None


def _kind_fault(bank: Bank, content: Content) -> str | None:
    if content.response_kind not in ResponseKind.values:
        return _("Unknown kind “%s”.") % content.response_kind
    return None


def _stem_fault(bank: Bank, content: Content) -> str | None:
    missing = _missing_languages(bank, content.stem)
    return missing and _("The stem is missing in: %s.") % missing


def _options_fault(bank: Bank, content: Content) -> str | None:
    if content.response_kind == ResponseKind.NUMERIC:
        return _("A numeric item has rules, not options.") if content.options else None
    if len(content.options) < 2:
        return _("At least two options are needed.")
    for number, option in enumerate(content.options, start=1):
        missing = _missing_languages(bank, option.text)
        if missing:
            return _("Option %(number)s is missing in: %(languages)s.") % {
                "number": number,
                "languages": missing,
            }
        if not 0 <= option.score <= 20:
            return _("Option %s: a score lies between 0 and 20.") % number
    for language in bank.languages:
        texts = [option.text[language].strip() for option in content.options]
        if len(set(texts)) != len(texts):
            return _("Two options read the same in: %s.") % language
    return _key_fault(content)


def _key_fault(content: Content) -> str | None:
    keys = sum(option.score == content.max_score for option in content.options)
    if content.max_score == 0:
        return _("No option scores: mark the key.")
    if content.has_sole_key and keys != 1:
        return _("A dichotomous item has exactly one key, not %s.") % keys
    if content.max_score > 20:
        return _("The highest score is %s; 20 is the most.") % content.max_score
    if content.response_kind == ResponseKind.LIKERT:
        scores = sorted(option.score for option in content.options)
        if scores != list(range(len(scores))):
            return _("A Likert item scores each category once, from 0 to %s.") % (len(scores) - 1)
    return None


def _rules_fault(bank: Bank, content: Content) -> str | None:
    if content.response_kind != ResponseKind.NUMERIC:
        return _("Only a numeric item has rules.") if content.rules else None
    if not content.rules:
        return _("A numeric item needs at least one rule.")
    for rule in content.rules:
        if not (math.isfinite(rule.lower) and math.isfinite(rule.upper)):
            return _("The bounds of a rule are finite numbers.")
        if rule.lower > rule.upper:
            return _("A rule's lower bound lies above its upper bound.")
        if not 1 <= rule.score <= 20:
            return _("A rule's score lies between 1 and 20.")
    return None


_CHECKS: dict[str, Callable[[Bank, Content], str | None]] = {
    "area": _area_fault,
    "response_kind": _kind_fault,
    "stem": _stem_fault,
    "options": _options_fault,
    "rules": _rules_fault,
}


def _missing_languages(bank: Bank, text: Text) -> str:
    return ", ".join(code for code in bank.languages if not text.get(code, "").strip())


def content_of(version: ItemVersion) -> Content:
    """The content of a version, as a form or an export starts from it."""
    return Content(
        area=version.area,
        response_kind=version.response_kind,
        stem=version.stem,
        options=tuple(OptionContent(o.text, o.score, o.note) for o in version.options.all()),
        rules=tuple(RuleContent(r.lower, r.upper, r.score) for r in version.numeric_rules.all()),
        rationale=version.rationale,
        stimulus=version.stimulus,
    )


def create_item(bank: Bank, code: str, content: Content, actor: Any, note: str = "") -> ItemVersion:
    """A new item with its first version, a draft.

    Raises InvalidInput `invalid_content`; Conflict `code_taken`.
    """
    check_content(bank, content)
    with transaction.atomic():
        lock_bank(bank.pk)
        if bank.items.filter(code=code).exists():
            raise Conflict("code_taken", _("There is an item %s already.") % code)
        item = Item.objects.create(bank=bank, code=code)
        version = _write_version(item, 1, content, actor, note)
        audit.record(actor, "create_item", item, note)
        return version


def revise(item: Item, content: Content, actor: Any, note: str) -> ItemVersion:
    """Write the next version; one that was still in preparation is retired by it.

    Raises InvalidInput `invalid_content`, `reason_required`.
    """
    note = require_reason(note)
    check_content(item.bank, content)
    with transaction.atomic():
        lock_bank(item.bank_id)
        item.versions.filter(status__in=[Status.DRAFT, Status.REVIEW]).update(status=Status.RETIRED)
        version = _write_version(item, item.newest_version.number + 1, content, actor, note)
        audit.record(actor, "revise", item, note, version=version.number)
        return version


def _write_version(item: Item, number: int, content: Content, actor: Any, note: str) -> ItemVersion:
    version = ItemVersion.objects.create(
        item=item,
        number=number,
        area=content.area,
        stimulus=content.stimulus,
        response_kind=content.response_kind,
        max_score=content.max_score,
        stem=content.stem,
        rationale=content.rationale,
        change_note=note,
        created_by=actor,
    )
    write_children([version], [content])
    return version


def write_children(versions: list[ItemVersion], contents: list[Content]) -> None:
    """Options and rules of new versions, two statements for all of them."""
    pairs = list(zip(versions, contents, strict=True))
    Option.objects.bulk_create(
        Option(
            item_version=version,
            position=position,
            text=option.text,
            score=option.score,
            note=option.note,
            is_sole_key=content.has_sole_key and option.score == 1,
        )
        for version, content in pairs
        for position, option in enumerate(content.options, start=1)
    )
    NumericRule.objects.bulk_create(
        NumericRule(item_version=version, lower=rule.lower, upper=rule.upper, score=rule.score)
        for version, content in pairs
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
        raise _illegal(version, Status.DRAFT)
    return revise(version.item, content_of(version), actor, reason)


def approve_for_pretest(version: ItemVersion, actor: Any) -> None:
    """review → pretest; the version enters the authoring draft release without parameters.

    Raises Conflict `illegal_move`.
    """
    with transaction.atomic():
        lock_bank(version.item.bank_id)
        _move(version, Status.REVIEW, Status.PRETEST, actor, "approve_for_pretest")
        draft = open_draft(version.item.bank, actor)
        place(draft, version, Role.PRETEST, ReleasedItem.Provenance.MANUAL)


def carry_parameters(version: ItemVersion, actor: Any, reason: str) -> ReleasedItem:
    """Give an approved version the parameters of its item in the current release.

    For an edit that does not touch what the item measures, such as a typo. Raises Conflict
    `nothing_to_carry` and as `set_parameters`.
    """
    bank = version.item.bank
    current = bank.current_release
    row = current.released_items.filter(item=version.item).first() if current else None
    parameters = parameters_of(row) if row else None
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
            raise _illegal(version, end)
        audit.record(actor, act, version.item, version=version.number)


def _illegal(version: ItemVersion, end: str) -> Conflict:
    return Conflict(
        "illegal_move",
        _("%(version)s is “%(status)s” and cannot become “%(end)s”.")
        % {
            "version": version,
            "status": version.get_status_display(),
            "end": Status(end).label,
        },
    )
