"""Options are put in order, and each pair of neighbors that is right pays a point.

The order that is stored is the key. n options pay up to n - 1: one for each two that follow each
other in the key and stand next to each other in that order in the answer.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import InvalidInput
from items.kinds.forms import FormData, whole_numbers
from items.kinds.kind import Answer, Kind
from items.kinds.options import are_whole, option_faults, require_known, score_faults
from items.kinds.parts import Fault, Parts, ScoringRule
from items.models import ResponseKind


class Ordering(Kind):
    name = ResponseKind.ORDERING
    option_parts = ("text",)
    options_title = gettext_lazy("Options, in the right order")
    options_help = gettext_lazy(
        "Each student sees them shuffled. Every two that follow each other here, and in the answer "
        "too, score 1 point."
    )
    is_shuffled = True
    example = {"order": [3, 1, 2]}

    def faults(self, parts: Parts, languages: Sequence[str]) -> Iterator[Fault]:
        yield from option_faults(parts.options, languages, self.option_parts)
        if len(parts.options) > 1:
            yield from score_faults(self.highest_score(parts))
        yield from super().faults(parts, languages)

    def highest_score(self, parts: Parts) -> int:
        return max(len(parts.options) - 1, 0)

    def score(self, rule: ScoringRule, answer: Answer, shown: Sequence[int]) -> tuple[Answer, int]:
        given = answer.get("order")
        if given is None or not are_whole(given):
            raise self.malformed()
        require_known(rule, given)
        if sorted(given) != sorted(rule.option_scores):
            sentence = _("Put every option into the order, and each of them once.")
            raise InvalidInput("malformed_answer", sentence)
        order = [shown[place - 1] for place in given]
        follows = dict(pairwise(sorted(rule.option_scores)))
        return {"order": order}, sum(follows.get(a) == b for a, b in pairwise(order))

    def answer_from_form(self, data: FormData) -> Answer | None:
        """A select for each option as it is shown, which gives it a place."""
        places = whole_numbers(data, "order", _("Give every line a number."))
        if places is None:
            return None
        if sorted(places) != list(range(1, len(places) + 1)):
            raise InvalidInput("malformed_answer", _("Give each number to one line only."))
        return {"order": sorted(range(1, len(places) + 1), key=lambda n: places[n - 1])}
