"""Which item versions a calibration run estimates, and why others are kept out."""

from dataclasses import dataclass

import numpy as np
from django.db import models
from django.utils.translation import gettext_lazy as _

from irt.arrays import IntArray
from items.item_parameters import models_for
from items.models import BankRelease, ReleasedItem
from scoring.models import CalibrationRun
from scoring.recalibration.window import ResponseWindow


class KeptOut(models.TextChoices):
    """Why an item of the standing release keeps what it has."""

    WITHDRAWN = "withdrawn", _("withdrawn")
    TOO_FEW = "too_few_responses", _("too few responses")
    MODEL_MISMATCH = "model_mismatch", _("its model does not fit its score range")
    EMPTY_CATEGORY = "empty_category", _("a score that nobody reached")
    NEGATIVE_SLOPE = "negative_slope", _("negative discrimination: check the key")
    STEEP = "steep_slope", _("steeper than the quadrature resolves")
    UNDETERMINED = "undetermined", _("the responses do not determine its parameters")
    IMPRECISE = "imprecise", _("less precise than what stands: the error of b is above 0.5")
    OUT_OF_BOUNDS = "out_of_bounds", _("estimates beyond the bounds")


@dataclass(frozen=True, eq=False)
class Candidates:
    """The estimable versions of a window: V' of them, as `window` orders them.

    released   the row of each version in the standing release; None for a version that is no
               longer in it: its responses inform about ability, nothing is written for it
    models     (V',) model names
    codes      (V',) codes of the items
    kept_out   rows of the standing release that cannot be estimated, with the reason
    """

    window: ResponseWindow
    released: list[ReleasedItem | None]
    models: list[str]
    codes: list[str]
    n_categories: IntArray
    kept_out: list[tuple[ReleasedItem, KeptOut]]
    response_counts: dict[int, int]


def choose_candidates(
    run: CalibrationRun, standing: BankRelease, window: ResponseWindow
) -> Candidates:
    """Versions with at least `run.min_responses` responses whose model fits their score range."""
    counts = dict(zip(window.version_ids.tolist(), window.response_counts.tolist(), strict=True))
    released = standing.released_items.select_related("item", "item_version")
    in_standing = {row.item_version_id: row for row in released}
    earlier = {row.item_version_id: row for row in _last_released(standing, list(counts))}
    rows = earlier | in_standing
    faults = {
        version: fault
        for version, row in rows.items()
        if (fault := _fault(row, counts.get(version, 0), run.min_responses))
    }
    kept_out = [(row, faults[v]) for v, row in in_standing.items() if v in faults]
    estimable = [v in rows and v not in faults for v in window.version_ids.tolist()]
    chosen = window.restrict_to(np.flatnonzero(estimable))
    used = [rows[version] for version in chosen.version_ids.tolist()]
    return Candidates(
        window=chosen,
        released=[in_standing.get(row.item_version_id) for row in used],
        models=[row.model for row in used],
        codes=[row.item.code for row in used],
        n_categories=np.array([row.item_version.max_score + 1 for row in used], dtype=np.int64),
        kept_out=kept_out,
        response_counts=counts,
    )


def _last_released(standing: BankRelease, versions: list[int]) -> "models.QuerySet[ReleasedItem]":
    """Each version as the newest release of the bank that held it knew it."""
    return (
        ReleasedItem.objects.filter(
            release__bank=standing.bank_id,
            release__number__isnull=False,
            item_version__in=versions,
        )
        .order_by("item_version_id", "-release__number")
        .distinct("item_version_id")
        .select_related("item", "item_version")
    )


def _fault(row: ReleasedItem, count: int, min_responses: int) -> KeptOut | None:
    if row.item_version.withdrawn_at:
        return KeptOut.WITHDRAWN
    if count < min_responses:
        return KeptOut.TOO_FEW
    if row.model not in models_for(row.item_version.max_score):
        return KeptOut.MODEL_MISMATCH
    return None
