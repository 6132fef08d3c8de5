"""What a kind of item says of itself: everything else about items asks here."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, TypedDict

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import InvalidInput
from items.kinds.forms import FormData
from items.kinds.parts import Fault, Parts, ScoringRule, Text
from items.models import Option, ResponseKind

Answer = dict[str, Any]


class PublicText(TypedDict):
    """A text that examinees see, under the number by which an answer names it."""

    id: int
    text: str


class Kind(ABC):
    """One kind of item. Its examinees' page is `templates/items/kinds/NAME.html`.

    name            the value that is stored
    option_parts    which fields of `OptionContent` its authors write; none: it has no options
    options_title   what the authors' pages call its options, and `options_help` how to write them
    has_rules       its authors write numeric rules
    is_shuffled     each session sees the options in an order of its own: the order that is stored
                    gives the key away
    allows_guessing a lower asymptote is to be expected
    public_lists    members of the public item that are lists of texts
    example         an answer; its one member names the shape, which static/js/answers.js reads
    """

    name: ClassVar[ResponseKind]
    option_parts: ClassVar[tuple[str, ...]] = ()
    options_title: ClassVar[Promise] = gettext_lazy("Options")
    options_help: ClassVar[Promise | str] = ""
    has_rules: ClassVar[bool] = False
    is_shuffled: ClassVar[bool] = False
    allows_guessing: ClassVar[bool] = False
    public_lists: ClassVar[tuple[str, ...]] = ("options",)
    example: ClassVar[Mapping[str, Any]]

    @property
    def template(self) -> str:
        return f"items/kinds/{self.name.value}.html"

    @property
    def answer_member(self) -> str:
        return next(iter(self.example))

    @property
    def answer_example(self) -> str:
        return json.dumps(self.example)

    def faults(self, parts: Parts, languages: Sequence[str]) -> Iterator[Fault]:
        """Every rule that the options and numeric rules break; subclasses add theirs."""
        if parts.options and not self.option_parts:
            yield Fault("options", "option_1", _("This kind of item has no options."))
        if parts.rules and not self.has_rules:
            yield Fault("rules", "rule_1_lower", _("This kind of item has no numeric rules."))

    @abstractmethod
    def highest_score(self, parts: Parts) -> int: ...

    def has_sole_key(self, parts: Parts) -> bool:
        """One option scores 1 and all others 0, which the database then holds."""
        return False

    @abstractmethod
    def score(self, rule: ScoringRule, answer: Answer, shown: Sequence[int]) -> tuple[Answer, int]:
        """(the answer in its normal form, its score from 0).

        `answer` has one member. `shown`: the position of each option in the order in which the
        session saw them; an answer names an option by its place there, from 1, and the normal form
        by its position. Raises InvalidInput `malformed_answer`, `unknown_option`.
        """

    @abstractmethod
    def answer_from_form(self, data: FormData) -> Answer | None:
        """The answer in a form of its page; None where the form holds none of this shape.

        Raises InvalidInput for an answer that is not whole.
        """

    def public(self, options: Iterable[Option], write: Callable[[Text], str]) -> dict[str, Any]:
        """What examinees see of the options, by position; `write` renders a text."""
        return {"options": [PublicText(id=o.position, text=write(o.text)) for o in options]}

    def malformed(self) -> InvalidInput:
        sentence = _("An answer to this item looks like %s.") % self.answer_example
        return InvalidInput("malformed_answer", sentence)
