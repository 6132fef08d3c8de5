"""Parameters in releases: their edits, and the bridge between rows and `scoring.irt` arrays."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from items import audit
from items.errors import Conflict, InvalidInput
from items.models import (
    BankRelease,
    ItemVersion,
    ModelName,
    ReleasedItem,
    ResponseKind,
    Role,
    Status,
)
from items.releases import lock_draft, require_reason
from scoring.irt.parameters import ItemParameters, Model

ROW_FIELDS = (
    *("role", "provenance", "model"),
    *("discrimination", "difficulty", "lower_asymptote", "upper_asymptote"),
    *("discrimination_se", "difficulty_se", "lower_asymptote_se"),
)


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters of one item, logistic metric (D = 1), with standard errors where known."""

    model: str
    discrimination: float
    difficulty: tuple[float, ...]
    lower_asymptote: float = 0.0
    upper_asymptote: float = 1.0
    discrimination_se: float | None = None
    difficulty_se: tuple[float, ...] | None = None
    lower_asymptote_se: float | None = None

    def check(self, version: ItemVersion) -> None:
        """Raises InvalidInput `invalid_parameters` with the reason and `detail.item`."""
        fault = self.fault(version.max_score)
        if fault:
            code = version.item.code
            raise InvalidInput("invalid_parameters", f"{code}: {fault[1]}", item=code)

    def fault(self, max_score: int) -> tuple[str, str] | None:
        """(the parameter at fault, why) for an item scored 0…`max_score`; None when all is well.

        Says in sentences what the constraints of `ReleasedItem` hold.
        """
        if self.model not in ModelName.values:
            return "model", _("unknown model “%s”") % self.model
        return self._number_fault() or self._difficulty_fault(max_score) or self._asymptote_fault()

    def _number_fault(self) -> tuple[str, str] | None:
        steps = enumerate(self.difficulty, start=1)
        numbers = {"a": self.discrimination, **{f"b{step}": b for step, b in steps}}
        numbers |= {"c": self.lower_asymptote, "d": self.upper_asymptote}
        for name, value in numbers.items():
            if not math.isfinite(value):
                return name, _("%(name)s is a finite number, not %(value)s") % {
                    "name": name,
                    "value": value,
                }
        if self.discrimination <= 0:
            return "a", _("the discrimination is above 0, not %g") % self.discrimination
        steps = enumerate(self.difficulty_se or (), start=1)
        errors = {"se_a": self.discrimination_se, "se_c": self.lower_asymptote_se}
        errors |= {f"se_b{step}": error for step, error in steps}
        for name, error in errors.items():
            if error is not None and not 0 <= error < math.inf:
                return name, _("a standard error is a finite number from 0, not %s") % error
        return None

    def _difficulty_fault(self, max_score: int) -> tuple[str, str] | None:
        if len(self.difficulty) != max_score:
            return f"b{min(len(self.difficulty), max_score) + 1}", _(
                "scores 0…%(top)s need %(top)s difficulties, not %(given)s"
            ) % {"top": max_score, "given": len(self.difficulty)}
        if self.model != ModelName.GRADED and max_score != 1:
            return "model", _("model %(model)s scores 0 and 1; this item scores 0…%(top)s") % {
                "model": self.model,
                "top": max_score,
            }
        for step, (lower, upper) in enumerate(pairwise(self.difficulty), start=2):
            if lower >= upper:
                reason = _("thresholds rise strictly; %(upper)g follows %(lower)g")
                return f"b{step}", reason % {"lower": lower, "upper": upper}
        if self.difficulty_se is not None and len(self.difficulty_se) != len(self.difficulty):
            return "se_b1", _("as many standard errors as difficulties are needed")
        return None

    def _asymptote_fault(self) -> tuple[str, str] | None:
        c, d = self.lower_asymptote, self.upper_asymptote
        if self.model != ModelName.THREE_PL and (c, d) != (0.0, 1.0):
            name = "c" if c else "d"
            return name, _("model %s has no asymptotes: c is 0 and d is 1") % self.model
        if not 0 <= c < d <= 1:
            reason = _("the asymptotes satisfy 0 ≤ c < d ≤ 1, not c = %(c)g and d = %(d)g")
            return "c", reason % {"c": c, "d": d}
        return None

    def fields(self) -> dict[str, Any]:
        """As columns of a released item."""
        return {
            "model": self.model,
            "discrimination": self.discrimination,
            "difficulty": list(self.difficulty),
            "lower_asymptote": self.lower_asymptote,
            "upper_asymptote": self.upper_asymptote,
            "discrimination_se": self.discrimination_se,
            "difficulty_se": None if self.difficulty_se is None else list(self.difficulty_se),
            "lower_asymptote_se": self.lower_asymptote_se,
        }


def parameters_of(row: ReleasedItem) -> Parameters | None:
    """What a released item holds; None while it has no parameters."""
    if row.discrimination is None or row.difficulty is None:
        return None
    return Parameters(
        model=row.model,
        discrimination=row.discrimination,
        difficulty=tuple(row.difficulty),
        lower_asymptote=row.lower_asymptote,
        upper_asymptote=row.upper_asymptote,
        discrimination_se=row.discrimination_se,
        difficulty_se=None if row.difficulty_se is None else tuple(row.difficulty_se),
        lower_asymptote_se=row.lower_asymptote_se,
    )


def default_model(version: ItemVersion) -> str:
    """Graded above one point; 3PL where guessing can succeed; else 2PL."""
    if version.max_score > 1:
        return ModelName.GRADED
    if version.response_kind == ResponseKind.SINGLE_CHOICE:
        return ModelName.THREE_PL
    return ModelName.TWO_PL


@dataclass(frozen=True, eq=False)
class ReleaseArrays:
    """The operational items of a release, by item id: item_ids, version_ids, area_ids (J,)."""

    item_ids: NDArray[np.int64]
    version_ids: NDArray[np.int64]
    area_ids: NDArray[np.int64]
    parameters: ItemParameters


def load_release(release: BankRelease) -> ReleaseArrays:
    """One query; pretest items have no parameters to load."""
    rows = list(
        release.released_items.filter(role=Role.OPERATIONAL)
        .order_by("item_id")
        .values_list(
            "item_id",
            "item_version_id",
            "item_version__area_id",
            "model",
            "discrimination",
            "difficulty",
            "lower_asymptote",
            "upper_asymptote",
        )
    )
    ids = np.array([row[:3] for row in rows], dtype=np.int64).reshape(-1, 3)
    return ReleaseArrays(
        item_ids=ids[:, 0],
        version_ids=ids[:, 1],
        area_ids=ids[:, 2],
        parameters=ItemParameters.from_rows(
            (Model(model), a or 0.0, b or [], c, d) for *_ids, model, a, b, c, d in rows
        ),
    )


def set_parameters(
    draft: BankRelease,
    version: ItemVersion,
    parameters: Parameters,
    actor: Any,
    reason: str,
    provenance: str = ReleasedItem.Provenance.MANUAL,
) -> ReleasedItem:
    """Put the version into the draft, operational, with these parameters.

    Raises InvalidInput `invalid_parameters`, `reason_required`; Conflict as `place`. Takes the lock
    of `lock_bank`.
    """
    reason = require_reason(reason)
    parameters.check(version)
    with transaction.atomic():
        row, before = place(draft, version, Role.OPERATIONAL, provenance, parameters)
        audit.record(
            actor,
            "edit_parameters",
            version.item,
            reason,
            version=version.number,
            before=before,
            after=parameters.fields(),
        )
        return row


def place(
    draft: BankRelease,
    version: ItemVersion,
    role: str,
    provenance: str,
    parameters: Parameters | None = None,
) -> tuple[ReleasedItem, dict[str, Any] | None]:
    """Write one row of a draft; (the row, the parameters that the item had there before).

    Call it in a transaction. Raises Conflict `already_published`, `not_approved`, `withdrawn`,
    `superseded`. Takes the lock of `lock_bank`.
    """
    lock_draft(draft)
    version.refresh_from_db(fields=["status", "withdrawn_at"])
    require_releasable(version)
    existing = (
        draft.released_items.filter(item_id=version.item_id).select_related("item_version").first()
    )
    if existing and existing.item_version.number > version.number:
        raise Conflict(
            "superseded",
            _("The draft holds a newer version of this item: %s.") % existing.item_version,
        )
    row = released_row(draft, version, role, provenance, parameters)
    upsert([row])
    held = existing and parameters_of(existing)
    return row, held.fields() if held else None


def require_releasable(version: ItemVersion) -> None:
    """Raises Conflict `not_approved`, `withdrawn`."""
    if version.status not in (Status.PRETEST, Status.OPERATIONAL):
        raise Conflict(
            "not_approved",
            _("%(version)s is “%(status)s”: only an approved version can be released.")
            % {"version": version, "status": version.get_status_display()},
        )
    if version.withdrawn_at:
        raise Conflict("withdrawn", _("%s is withdrawn: write a new version.") % version)


def released_row(
    draft: BankRelease,
    version: ItemVersion,
    role: str,
    provenance: str,
    parameters: Parameters | None = None,
) -> ReleasedItem:
    """An unsaved row, for `upsert`."""
    fields = parameters.fields() if parameters else {"model": default_model(version)}
    return ReleasedItem(
        release=draft,
        item_id=version.item_id,
        item_version=version,
        role=role,
        provenance=provenance,
        **fields,
    )


def upsert(rows: Iterable[ReleasedItem]) -> None:
    """Write rows of drafts in one statement; a row of the same item gives way."""
    ReleasedItem.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["release", "item"],
        update_fields=["item_version", *ROW_FIELDS],
    )


def write_parameters(
    draft: BankRelease, estimates: Iterable[tuple[int, Parameters]], provenance: str
) -> int:
    """Bulk: (item version id, parameters) pairs become operational rows of the draft.

    The versions must be in the draft already. Returns how many rows were written. Raises
    InvalidInput `invalid_parameters`, Conflict `already_published`. Takes the lock of `lock_bank`.
    """
    by_version = dict(estimates)
    with transaction.atomic():
        lock_draft(draft)
        versions = ItemVersion.objects.filter(
            pk__in=by_version, released__release=draft
        ).select_related("item")
        rows = []
        for version in versions:
            parameters = by_version[version.pk]
            parameters.check(version)
            rows.append(released_row(draft, version, Role.OPERATIONAL, provenance, parameters))
        upsert(rows)
    return len(rows)
