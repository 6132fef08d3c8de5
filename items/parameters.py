"""Parameters in releases: their edits, and the bridge between rows and `scoring.irt` arrays."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from items import audit
from items.errors import Conflict
from items.item_parameters import (
    STANDARD_ERRORS,
    Parameters,
    default_model,
    parameters_of,
)
from items.models import (
    BankRelease,
    ItemVersion,
    ReleasedItem,
    Role,
    Status,
)
from items.releases import lock_draft, require_reason
from scoring.irt.parameters import ItemParameters, Model

_ROW_FIELDS = (
    *("role", "provenance", "model"),
    *("discrimination", "difficulty", "lower_asymptote", "upper_asymptote"),
    *STANDARD_ERRORS,
)


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
        update_fields=["item_version", *_ROW_FIELDS],
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
