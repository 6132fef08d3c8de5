"""Parameters in releases: their edits, and the bridge between rows and `irt` arrays."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext as _

from common import audit
from common.edits import Standing, Values, require_seen, told_by_audit
from common.errors import Conflict
from irt.arrays import BoolArray, FloatArray, IntArray
from irt.models.parameters import ItemParameters, Model, Slope, usual_model
from irt.pool import Attributes
from items.attributes import area_masks, enemy_matrix, word_counts
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
    Stimulus,
)
from items.releases import lock_draft, require_reason

_LOADED = (
    *("item_id", "item_version_id", "area", "role", "model"),
    *("discrimination", "difficulty", "lower_asymptote", "upper_asymptote"),
    *("max_score", "passage", "stem", "seconds", "enemies"),
)
_ROW_FIELDS = (
    *("role", "provenance", "model"),
    *("discrimination", "difficulty", "lower_asymptote", "upper_asymptote"),
    *STANDARD_ERRORS,
)


@dataclass(frozen=True, eq=False)
class ReleaseArrays:
    """All items of a release in ascending item id, J in number.

    item_ids, version_ids, area_ids (J,). operational (J,): counts towards the ability; the others
    are pretest items, whose parameters are provisional or hold the place of their categories
    (a = 1, b = 0). categories: area code -> (J,) items of the area and of those below it.
    stimulus (J,): one id for a passage through all its versions, -1 without one. words (J,) of stem
    and options in the bank's first language. seconds (J,) expected, NaN where nobody said.
    enemies (J, J) as `irt.pool.Pool` has them, None without any.
    """

    item_ids: IntArray
    version_ids: IntArray
    area_ids: IntArray
    parameters: ItemParameters
    operational: BoolArray
    categories: Mapping[str, BoolArray]
    stimulus: IntArray
    words: FloatArray
    seconds: FloatArray
    enemies: BoolArray | None

    @property
    def attributes(self) -> Attributes:
        """What `irt.pool.build_pool` wants beside ids and parameters."""
        return Attributes(
            operational=self.operational,
            stimulus=self.stimulus,
            words=self.words,
            seconds=self.seconds,
            enemies=self.enemies,
            categories=self.categories,
        )


def load_release(release: BankRelease) -> ReleaseArrays:
    """Three queries, and one where `release.bank` is not loaded yet.

    Of a published release the same for ever, and of a draft as it stands.
    """
    version = "item_version__"
    rows = list(
        release.released_items.with_enemies()
        .annotate(passage=_first_stimulus(), area=F(f"{version}area"))
        .annotate(stem=F(f"{version}stem"), seconds=F(f"{version}expected_seconds"))
        .annotate(max_score=F(f"{version}max_score"))
        .order_by("item_id")
        .values_list(*_LOADED, named=True)
    )
    ids = np.array([row[:3] for row in rows], dtype=np.int64).reshape(-1, 3)
    return ReleaseArrays(
        item_ids=ids[:, 0],
        version_ids=ids[:, 1],
        area_ids=ids[:, 2],
        parameters=ItemParameters.from_rows(map(_parameters_or_placeholder, rows)),
        operational=np.array([row.role == Role.OPERATIONAL for row in rows], dtype=bool),
        categories=area_masks(release.bank_id, ids[:, 2]),
        stimulus=np.array([row.passage or -1 for row in rows], dtype=np.int64),
        words=word_counts(release, {row.item_version_id: row.stem for row in rows}),
        seconds=np.array([row.seconds or np.nan for row in rows], dtype=float),
        enemies=enemy_matrix([row.enemies for row in rows]),
    )


def _first_stimulus() -> Subquery:
    """The oldest row of the item's passage: what its versions have in common."""
    passage = Stimulus.objects.filter(
        bank=OuterRef("item__bank"), code=OuterRef("item_version__stimulus__code")
    )
    return Subquery(passage.order_by("number").values("pk")[:1])


def _parameters_or_placeholder(row: Any) -> tuple[Model, float, list[float], float, float]:
    if row.discrimination is not None and row.difficulty is not None:
        asymptotes = (row.lower_asymptote, row.upper_asymptote)
        return Model(row.model), row.discrimination, row.difficulty, *asymptotes
    return usual_model(row.max_score, slope=Slope.UNIT), 1.0, [0.0] * row.max_score, 0.0, 1.0


def set_parameters(
    draft: BankRelease,
    version: ItemVersion,
    parameters: Parameters,
    actor: Any,
    reason: str,
    provenance: str = ReleasedItem.Provenance.MANUAL,
    seen: str | None = None,
) -> ReleasedItem:
    """Put the version into the draft, operational, with these parameters.

    Raises InvalidInput `invalid_parameters`, `reason_required`; Conflict as `place`, and
    ChangedMeanwhile where the draft holds something else of the item than what was `seen`. Takes
    the lock of `lock_bank`.
    """
    reason = require_reason(reason)
    parameters.check(version)
    with transaction.atomic():
        if seen is not None:
            lock_draft(draft)
            _require_as_seen(draft, version, seen)
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


def shown_values(row: ReleasedItem | None) -> Values:
    """What a page shows of an item in a release, by which a later change is known."""
    if row is None:
        return {"version": None, "role": None, "parameters": None}
    held = parameters_of(row)
    return {
        "version": row.item_version_id,
        "role": row.role,
        "parameters": held and held.fields(),
    }


def _require_as_seen(draft: BankRelease, version: ItemVersion, seen: str) -> None:
    row = draft.released_items.filter(item_id=version.item_id).first()
    held = parameters_of(row) if row else None
    now = Standing(_("parameters"), str(held or _("none")))
    require_seen(seen, shown_values(row), lambda _names: told_by_audit(version.item, [now]))


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
