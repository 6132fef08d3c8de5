"""What an item version says, as plain values, and the rules that it must keep."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from common.errors import InvalidInput
from items.kinds.parts import Fault, OptionContent, RuleContent, Text, text_faults
from items.kinds.registry import KINDS, kind_of
from items.models import LONGEST_SECONDS, Bank, ContentArea, ItemVersion, Stimulus

__all__ = ["Content", "Fault", "OptionContent", "RuleContent", "Text", "text_faults"]


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
    expected_seconds: int | None = None

    @property
    def max_score(self) -> int:
        return kind_of(self.response_kind).highest_score(self)

    @property
    def has_sole_key(self) -> bool:
        return kind_of(self.response_kind).has_sole_key(self)


def content_of(version: ItemVersion) -> Content:
    """The content of a version, as a form or an export starts from it."""
    rules = sorted(version.numeric_rules.all(), key=lambda rule: rule.pk)
    return Content(
        area=version.area,
        response_kind=version.response_kind,
        stem=version.stem,
        options=tuple(
            OptionContent(o.text, o.score, o.note, o.term) for o in version.options.all()
        ),
        rules=tuple(RuleContent(r.lower, r.upper, r.score) for r in rules),
        rationale=version.rationale,
        stimulus=version.stimulus,
        expected_seconds=version.expected_seconds,
    )


def check_content(bank: Bank, content: Content) -> None:
    """Raises InvalidInput `invalid_content` whose `detail.fields` names every fault by field."""
    fields: dict[str, str] = {}
    for fault in content_faults(bank, content):
        fields[fault.field] = f"{fields.get(fault.field, '')} {fault.reason}".strip()
    if fields:
        sentence = " ".join(f"{name}: {reason}" for name, reason in fields.items())
        raise InvalidInput("invalid_content", sentence, fields=fields)


def content_faults(bank: Bank, content: Content) -> list[Fault]:
    """Every rule that the content breaks in this bank."""
    kind = KINDS.get(content.response_kind)
    if kind is None:
        unknown = _("Unknown kind “%s”.") % content.response_kind
        return [Fault("response_kind", "kind", unknown)]
    return [
        *_place_faults(bank, content),
        *_seconds_faults(content),
        *text_faults("stem", "stem", content.stem, bank.languages),
        *text_faults("rationale", "rationale", content.rationale, bank.languages, optional=True),
        *kind.faults(content, bank.languages),
    ]


def _place_faults(bank: Bank, content: Content) -> Iterator[Fault]:
    if content.area.bank_id != bank.pk:
        yield Fault("area", "area", _("The content area belongs to another bank."))
    if content.stimulus is not None and content.stimulus.bank_id != bank.pk:
        yield Fault("stimulus", "stimulus", _("The stimulus belongs to another bank."))


def _seconds_faults(content: Content) -> Iterator[Fault]:
    seconds = content.expected_seconds
    if seconds is not None and not 1 <= seconds <= LONGEST_SECONDS:
        reason = _("The expected time lies between 1 and %s seconds.") % LONGEST_SECONDS
        yield Fault("expected_seconds", "expected_seconds", reason)
