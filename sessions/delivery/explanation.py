"""Why an item was given, in words: a selection log as staff read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from irt.policy.policy import Criterion, Draw
from irt.pool import Veto
from items.models import Item
from sessions.models import TestVersion

VETOES: dict[str, Promise] = {
    Veto.NOT_OPERATIONAL.name: gettext_lazy("pretest item"),
    Veto.ADMINISTERED.name: gettext_lazy("already given in this session"),
    Veto.WITHDRAWN.name: gettext_lazy("withdrawn"),
    Veto.SEEN.name: gettext_lazy("seen in an earlier session"),
    Veto.INELIGIBLE.name: gettext_lazy("not eligible in this session (exposure control)"),
    Veto.CAPPED.name: gettext_lazy("used up (hard cap)"),
    Veto.ENEMY.name: gettext_lazy("enemy of an item already given"),
    Veto.STIMULUS.name: gettext_lazy("outside the current stimulus set"),
    Veto.CONTENT.name: gettext_lazy("does not fit the blueprint"),
    Veto.LENGTH.name: gettext_lazy("too long for what is left"),
    Veto.EXPOSURE.name: gettext_lazy("held back by exposure control"),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that was ranked: `rank` among the free ones, or None and `veto` in words."""

    item_id: int
    code: str
    criterion: float
    rank: int | None
    veto: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """candidates: the best free ones and the vetoed ones that ranked above the chosen one, best
    first; vetoes: how many items fell to each; draw: what chance did, in a sentence."""

    theta: float
    standard_error: float
    is_pretest: bool
    candidates: list[Candidate]
    vetoes: list[tuple[str, int]]
    draw: str


def explanation_of(log: dict[str, Any], version: TestVersion, item_id: int) -> Explanation | None:
    """The log of the item that was chosen; None where none was kept. One query."""
    if not log:
        return None
    best, vetoed = log.get("best", []), log.get("vetoed", [])
    codes = _codes([row[0] for row in (*best, *vetoed)])
    free = [
        Candidate(ranked, codes[ranked], value, rank, is_chosen=ranked == item_id)
        for rank, (ranked, value) in enumerate(best, start=1)
    ]
    forbidden = [
        Candidate(ranked, codes[ranked], value, None, str(VETOES[veto]))
        for ranked, value, veto in vetoed
    ]
    counts = log.get("vetoes", {})
    return Explanation(
        theta=log["theta"],
        standard_error=log["standard_error"],
        is_pretest=log["pretest"],
        candidates=sorted([*free, *forbidden], key=lambda one: -one.criterion),
        vetoes=[(str(words), counts[name]) for name, words in VETOES.items() if name in counts],
        draw=_chance_sentence(log, version, free, item_id),
    )


def _codes(item_ids: Sequence[int]) -> dict[int, str]:
    items: QuerySet[Item] = Item.objects.filter(pk__in=item_ids)
    return dict(items.values_list("pk", "code"))


def _chance_sentence(
    log: dict[str, Any], version: TestVersion, free: list[Candidate], item_id: int
) -> str:
    """What chance did."""
    number = f"{log['draw']:.3f}"
    if version.first_item_id == item_id:
        return _("The test always begins with this item.")
    if log["pretest"]:
        return _(
            "This place of the session was for a pretest item: one of those with the fewest "
            "answers so far. It does not count towards the ability."
        )
    if version.draw == Draw.RANDOMESQUE and version.randomesque > 1:
        rank = next((one.rank for one in free if one.is_chosen), None)
        message = _(
            "One of the %(among)s best was drawn. The number drawn, between 0 and 1, was "
            "%(number)s; it chose no. %(rank)s."
        )
        return message % {
            "among": version.randomesque,
            "number": number,
            "rank": rank or _("%(most)s or later") % {"most": len(free) + 1},
        }
    if version.draw == Draw.PROGRESSIVE:
        message = _(
            "Chance was mixed into the criterion, the more the earlier in the session "
            "(progressive); the number drawn for this place was %(number)s."
        )
        return message % {"number": number}
    if version.draw == Draw.PROPORTIONAL:
        message = _(
            "The item was drawn with a probability that rises with the criterion (proportional); "
            "the number drawn, between 0 and 1, was %(number)s."
        )
        return message % {"number": number}
    if version.selection == Criterion.RANDOM:
        return _("The test chooses its items at random: the criterion itself is drawn.")
    return _("The best item was taken; chance had no part in it.")
