"""The mathematics items: every item model at every level, four times, always the same."""

from decimal import Decimal
from math import exp, log
from random import Random

from demo.bank import tex
from demo.bank.content import DemoItem, DemoOption, Model, TrueParameters
from demo.bank.drafting import Draft, ItemModel, Redraw
from demo.bank.item_models import (
    averages,
    chance,
    divisors,
    equations,
    expressions,
    fractions,
    measurement,
    operations,
    ratio,
    triangles,
)

ITEM_MODELS: dict[str, tuple[ItemModel, ...]] = {
    "arithmetic": operations.ITEM_MODELS + divisors.ITEM_MODELS,
    "fractions_ratio": fractions.ITEM_MODELS + ratio.ITEM_MODELS,
    "algebra": expressions.ITEM_MODELS + equations.ITEM_MODELS,
    "geometry": triangles.ITEM_MODELS + measurement.ITEM_MODELS,
    "data": averages.ITEM_MODELS + chance.ITEM_MODELS,
}
CODE_PREFIXES = {
    "arithmetic": "AR",
    "fractions_ratio": "FR",
    "algebra": "AL",
    "geometry": "GE",
    "data": "DA",
}
LEVELS = (1, 2, 3)
VARIANTS = "ABCD"
SEED = 20240229
MOST_DRAWS = 2000

MEAN_DIFFICULTY = {1: -1.2, 2: 0.0, 3: 1.2}
MOST_EXTREME_DIFFICULTY = 2.5


def mathematics_items() -> tuple[DemoItem, ...]:
    """All 360 items: 5 areas, 6 item models each, 3 levels, 4 variants; the same on every call."""
    places = _KeyPlaces()
    return tuple(
        item
        for area, item_models in ITEM_MODELS.items()
        for number, item_model in enumerate(item_models, start=1)
        for level in LEVELS
        for item in _variants(
            area, f"{CODE_PREFIXES[area]}-{number:02d}", item_model, level, places
        )
    )


class _KeyPlaces:
    """Deals out places for the key so that each place comes up equally often."""

    def __init__(self) -> None:
        self._rng = Random(SEED)  # noqa: S311 - shuffles options, guards nothing
        self._left: dict[int, list[int]] = {}

    def next(self, options: int) -> int:
        if not self._left.get(options):
            self._left[options] = self._rng.sample(range(options), options)
        return self._left[options].pop()


def _variants(
    area: str, code: str, item_model: ItemModel, level: int, places: _KeyPlaces
) -> list[DemoItem]:
    rng = Random(f"{SEED} {item_model.name} {level}")  # noqa: S311 - demo content, no secret
    drafts = _distinct_drafts(item_model, level, rng)
    return [
        DemoItem(
            code=f"{code}-{level}{variant}",
            area=area,
            response_kind=draft.response_kind,
            stem=draft.stem,
            options=_options(draft, rng, places),
            rules=_rules(draft),
            rationale=draft.rationale,
            model=_model(draft),
            true_parameters=_true_parameters(draft, level, rng),
            level=level,
            item_model=item_model.name,
        )
        for variant, draft in zip(VARIANTS, drafts, strict=True)
    ]


def _distinct_drafts(item_model: ItemModel, level: int, rng: Random) -> list[Draft]:
    drafts: dict[str, Draft] = {}
    for _ in range(MOST_DRAWS):
        try:
            draft = item_model.draft(level, rng)
        except Redraw:
            continue
        drafts.setdefault(draft.stem["en"], draft)
        if len(drafts) == len(VARIANTS):
            return list(drafts.values())
    raise RuntimeError(f"{item_model.name}, level {level}: too few sound items in {MOST_DRAWS}")


def _options(draft: Draft, rng: Random, places: _KeyPlaces) -> tuple[DemoOption, ...]:
    keys = [DemoOption(choice.text, 1, "") for choice in draft.keys]
    distractors = [DemoOption(choice.text, 0, choice.note) for choice in draft.distractors]
    if draft.response_kind == "multiple_response":
        return tuple(rng.sample(keys + distractors, len(keys) + len(distractors)))
    options = rng.sample(distractors, len(distractors))
    for key in keys:
        options.insert(places.next(len(distractors) + 1), key)
    return tuple(options)


def _rules(draft: Draft) -> tuple[tuple[Decimal, Decimal, int], ...]:
    if draft.answer is None:
        return ()
    answer = tex.exact_decimal(draft.answer)
    return ((answer, answer, 1),)


def _model(draft: Draft) -> Model:
    return "3pl" if draft.response_kind == "single_choice" else "2pl"


def _true_parameters(draft: Draft, level: int, rng: Random) -> TrueParameters:
    """Slopes around 1.2; guessing is near chance and only where one option is to be chosen."""
    a = exp(rng.gauss(log(1.2), 0.25))
    b = rng.gauss(MEAN_DIFFICULTY[level], 0.5)
    b = max(-MOST_EXTREME_DIFFICULTY, min(MOST_EXTREME_DIFFICULTY, b))
    if draft.response_kind != "single_choice":
        return round(a, 3), (round(b, 3),), 0.0
    chance = 1 / (1 + len(draft.distractors))
    c = chance * rng.uniform(0.7, 1.1)
    return round(a, 3), (round(b, 3),), round(c, 3)
