"""Each term gets a choice, and each that is right pays a point.

An option is a choice, and its `term` is what it is the match of; one without a term is a
distractor. A choice may be given to several terms. Were each to be used once, then without a
distractor nobody could have all but one right, and the model of the item would lack that score.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import InvalidInput
from items.kinds.forms import FormData, whole_numbers
from items.kinds.kind import Answer, Kind, PublicText
from items.kinds.options import are_whole, option_faults, repeats, require_known, score_faults
from items.kinds.parts import Fault, Parts, ScoringRule, Text, text_faults
from items.models import Option, ResponseKind

FEWEST_TERMS = 2


class Matching(Kind):
    name = ResponseKind.MATCHING
    option_parts = ("term", "text", "note")
    options_title = gettext_lazy("Pairs")
    options_help = gettext_lazy(
        "Each pair that a student finds scores 1 point. A choice without a term is a distractor. "
        "Students see the choices shuffled and may use one several times."
    )
    is_shuffled = True
    public_lists = ("terms", "options")
    example = {"matches": [2, 3, 1]}

    def faults(self, parts: Parts, languages: Sequence[str]) -> Iterator[Fault]:
        yield from option_faults(parts.options, languages, self.option_parts)
        yield from _term_faults(parts, languages)
        yield from super().faults(parts, languages)

    def highest_score(self, parts: Parts) -> int:
        return sum(bool(option.term) for option in parts.options)

    def score(self, rule: ScoringRule, answer: Answer, shown: Sequence[int]) -> tuple[Answer, int]:
        given = answer.get("matches")
        if given is None or not are_whole(given):
            raise self.malformed()
        if len(given) != len(rule.terms):
            sentence = _("Give each of the %s terms a choice.") % len(rule.terms)
            raise InvalidInput("malformed_answer", sentence)
        require_known(rule, given)
        matches = [shown[place - 1] for place in given]
        right = sum(term == match for term, match in zip(rule.terms, matches, strict=True))
        return {"matches": matches}, right

    def answer_from_form(self, data: FormData) -> Answer | None:
        """A select for each term, with the choices as they are shown.

        It is not called `matches`, which would hide that method of the form from scripts.
        """
        choices = whole_numbers(data, "match", _("Choose something in every line."))
        return None if choices is None else {"matches": choices}

    def public(self, options: Iterable[Option], write: Callable[[Text], str]) -> dict[str, Any]:
        known = list(options)
        terms = [write(option.term) for option in known if option.term]
        numbered = [PublicText(id=n, text=text) for n, text in enumerate(terms, start=1)]
        return {"terms": numbered, **super().public(known, write)}


def _term_faults(parts: Parts, languages: Sequence[str]) -> Iterator[Fault]:
    terms = [option.term for option in parts.options]
    for number, term in enumerate(terms, start=1):
        if term:
            prefix = f"option_{number}_term"
            yield from text_faults("options", prefix, term, languages, in_options=True)
    sentence = _("The terms %(first)s and %(second)s read the same in “%(language)s”.")
    for number, language, reason in repeats(terms, languages, sentence):
        yield Fault("options", f"option_{number}_term_{language}", reason)
    count = sum(map(bool, terms))
    if parts.options and count < FEWEST_TERMS:
        column = f"option_1_term_{next(iter(languages), 'en')}"
        reason = _("A matching item has at least %s terms.") % FEWEST_TERMS
        yield Fault("options", column, reason)
    elif parts.options:
        yield from score_faults(count)
