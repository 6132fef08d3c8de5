"""Parameters in releases: their edits, and the bridge between rows and `scoring.irt` arrays."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from items import audit
from items.errors import Conflict, InvalidInput
from items.models import BankRelease, ItemVersion, ModelName, ReleasedItem, ResponseKind, Role
from items.releases import lock_bank, require_reason
from scoring.irt.parameters import ItemParameters, Model, ParameterError, validate


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
        reason = self._fault(version)
        if reason:
            raise InvalidInput(
                "invalid_parameters", f"{version.item.code}: {reason}", item=version.item.code
            )

    def _fault(self, version: ItemVersion) -> str | None:
        if self.model not in ModelName.values:
            return _("unknown model “%s”") % self.model
        if len(self.difficulty) != version.max_score:
            return _("scores 0…%(top)s need %(top)s difficulties, not %(given)s") % {
                "top": version.max_score,
                "given": len(self.difficulty),
            }
        row = (
            Model(self.model),
            self.discrimination,
            self.difficulty,
            self.lower_asymptote,
            self.upper_asymptote,
        )
        try:
            validate(ItemParameters.from_rows([row]))
        except ParameterError as error:
            return error.reason
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

    Raises InvalidInput `invalid_parameters`, `reason_required`; Conflict as `place`.
    """
    reason = require_reason(reason)
    parameters.check(version)
    with transaction.atomic():
        row, before = place(draft, version, Role.OPERATIONAL, provenance, parameters)
        after = parameters.fields()
        audit.record(actor, "edit_parameters", version.item, reason, before=before, after=after)
        return row


def place(
    draft: BankRelease,
    version: ItemVersion,
    role: str,
    provenance: str,
    parameters: Parameters | None = None,
) -> tuple[ReleasedItem, dict[str, Any] | None]:
    """Write one row of a draft; (the row, the parameters that the item had there before).

    Raises Conflict `already_published`, `not_approved`, `withdrawn`. Takes the lock of `lock_bank`.
    """
    lock_bank(draft.bank_id)
    draft.refresh_from_db()
    if not draft.is_draft:
        raise Conflict("already_published", _("Release %s is frozen.") % draft.number)
    if version.status not in ("pretest", "operational"):
        raise Conflict(
            "not_approved",
            _("%(version)s is “%(status)s”: only an approved version can be released.")
            % {"version": version, "status": version.get_status_display()},
        )
    if version.withdrawn_at:
        raise Conflict("withdrawn", _("%s is withdrawn: write a new version.") % version)
    existing = draft.released_items.filter(item_id=version.item_id).first()
    held = existing and parameters_of(existing)
    fields = parameters.fields() if parameters else {"model": default_model(version)}
    row, _created = ReleasedItem.objects.update_or_create(
        release=draft,
        item_id=version.item_id,
        defaults={"item_version": version, "role": role, "provenance": provenance, **fields},
    )
    return row, held.fields() if held else None


def write_parameters(
    draft: BankRelease, estimates: Iterable[tuple[int, Parameters]], provenance: str
) -> int:
    """Bulk: (item version id, parameters) pairs become operational rows of the draft.

    The versions must be in the draft already. Returns how many rows were written. Raises
    InvalidInput `invalid_parameters`.
    """
    by_version = dict(estimates)
    with transaction.atomic():
        lock_bank(draft.bank_id)
        rows = list(
            draft.released_items.filter(item_version__in=by_version).select_related(
                "item_version__item"
            )
        )
        for row in rows:
            parameters = by_version[row.item_version_id]
            parameters.check(row.item_version)
            row.role, row.provenance = Role.OPERATIONAL, provenance
            for name, value in parameters.fields().items():
                setattr(row, name, value)
        # Rows of a draft may be replaced, which is many times faster than updating them in bulk.
        draft.released_items.filter(pk__in=[row.pk for row in rows]).delete()
        ReleasedItem.objects.bulk_create(rows)
    return len(rows)
