"""One option is chosen and pays its score; with 1 as the highest score there is one key."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from items.kinds.forms import FormData, whole_number
from items.kinds.kind import Answer, Kind
from items.kinds.options import SCORED, is_whole, option_faults, require_known, score_faults
from items.kinds.parts import Fault, Parts, ScoringRule
from items.models import ResponseKind


class OneOption(Kind):
    """The kinds that are answered with one option."""

    option_parts = SCORED
    example = {"option": 2}

    def faults(self, parts: Parts, languages: Sequence[str]) -> Iterator[Fault]:
        yield from option_faults(parts.options, languages, self.option_parts)
        if parts.options:
            yield from self.key_faults(parts)
        yield from super().faults(parts, languages)

    @abstractmethod
    def key_faults(self, parts: Parts) -> Iterator[Fault]: ...

    def highest_score(self, parts: Parts) -> int:
        return max((option.score for option in parts.options), default=0)

    def score(self, rule: ScoringRule, answer: Answer, shown: Sequence[int]) -> tuple[Answer, int]:
        option = answer.get("option")
        if option is None or not is_whole(option):
            raise self.malformed()
        require_known(rule, [option])
        return {"option": option}, rule.option_scores[option]

    def answer_from_form(self, data: FormData) -> Answer | None:
        given = data.getlist("option")
        return {"option": whole_number(given[-1])} if given else None


class SingleChoice(OneOption):
    name = ResponseKind.SINGLE_CHOICE
    allows_guessing = True

    def has_sole_key(self, parts: Parts) -> bool:
        return self.highest_score(parts) == 1

    def key_faults(self, parts: Parts) -> Iterator[Fault]:
        scores = [option.score for option in parts.options]
        if self.has_sole_key(parts) and scores.count(1) != 1:
            reason = _("A dichotomous item has exactly one key, not %s.") % scores.count(1)
            yield Fault("options", "key", reason)
        yield from score_faults(self.highest_score(parts))
