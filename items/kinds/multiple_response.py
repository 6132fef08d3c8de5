"""Any number of options is chosen: all or nothing, or partial credit where one scores above 1."""

from collections.abc import Iterator, Sequence

from items.kinds.forms import FormData, whole_number
from items.kinds.kind import Answer, Kind
from items.kinds.options import SCORED, are_whole, option_faults, require_known, score_faults
from items.kinds.parts import Fault, Parts, ScoringRule
from items.models import ResponseKind


class MultipleResponse(Kind):
    name = ResponseKind.MULTIPLE_RESPONSE
    option_parts = SCORED
    example = {"options": [1, 3]}

    def faults(self, parts: Parts, languages: Sequence[str]) -> Iterator[Fault]:
        yield from option_faults(parts.options, languages, self.option_parts)
        if parts.options:
            yield from score_faults(self.highest_score(parts))
        yield from super().faults(parts, languages)

    def highest_score(self, parts: Parts) -> int:
        """1, or the sum of all scores where one is above 1."""
        scores = [option.score for option in parts.options]
        highest = max(scores, default=0)
        return sum(scores) if highest > 1 else highest

    def score(self, rule: ScoringRule, answer: Answer, shown: Sequence[int]) -> tuple[Answer, int]:
        """All or nothing where the highest score is 1; else the sum, and 0 with any wrong one."""
        chosen = answer.get("options")
        if chosen is None or not are_whole(chosen) or len(set(chosen)) != len(chosen):
            raise self.malformed()
        require_known(rule, chosen)
        normal = {"options": sorted(chosen)}
        scores = [rule.option_scores[option] for option in chosen]
        if not scores or min(scores) == 0:
            return normal, 0
        if rule.max_score == 1:
            keys = {option for option, score in rule.option_scores.items() if score}
            return normal, int(set(chosen) == keys)
        return normal, min(sum(scores), rule.max_score)

    def answer_from_form(self, data: FormData) -> Answer | None:
        given = data.getlist("options")
        return {"options": [whole_number(option) for option in given]} if given else None
