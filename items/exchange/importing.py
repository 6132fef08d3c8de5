"""Importing items into a bank: all rows or none. Formats: docs/import-format.md."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import audit
from common.errors import InvalidInput
from items.authoring import new_version, write_versions
from items.content import Content
from items.enemies import set_groups
from items.exchange.csv_format import is_edu_irt, read_csv, read_edu_irt
from items.exchange.json_format import read_json
from items.exchange.metric import to_logistic_metric
from items.exchange.plan import RELEASED, ItemChange, Plan, plan_import
from items.exchange.reading import decode, foreign_format, unreadable
from items.exchange.rows import RowFault, Table
from items.models import Bank, BankRelease, Item, ItemVersion, ReleasedItem, Status
from items.release_rows import released_row, upsert
from items.releases import lock_bank, open_draft, require_reason

MAX_BYTES = 20 * 1024 * 1024
_READERS: dict[str, Callable[[str, str | None], Table]] = {
    "csv": read_csv,
    "edu_irt": read_edu_irt,
}
FORMATS = (*_READERS, "json")


@dataclass(frozen=True)
class ImportReport:
    """What an import did, or would do: (code, kind, sentence) of each item that changes.

    kind is "new", "revised", "parameters", "moved" or "enemies". `draft` holds the parameters; None
    when nothing needs a release.
    """

    changes: list[tuple[str, str, str]]
    new_areas: list[str]
    unchanged: int
    draft: BankRelease | None

    def count(self, kind: str) -> int:
        return Counter(change[1] for change in self.changes)[kind]


def import_items(
    bank: Bank,
    data: bytes,
    *,
    file_format: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    actor: Any,
    reason: str,
    dry_run: bool = False,
    create_areas: bool = False,
    metric: float | None = None,
) -> ImportReport:
    """Write the items of a file into the bank and its authoring draft.

    A new code is a new item; changed text is the next version; changed parameters go to the draft.
    Nothing is published. A dry run does all of it and rolls back. The format is guessed where
    `file_format` is None; text is UTF-8, its cells separated by commas, unless `encoding` and
    `separator` say otherwise. A constant number of queries. Takes the lock of `lock_bank`.

    `metric` is the D that discriminations are stated for where the file does not say it.

    Raises InvalidInput `reason_required`, `file_too_large`, `unreadable_file`,
    `metric_stated`, and `invalid_rows`
    with `detail.rows`: row, column and reason of every fault.
    """
    reason = require_reason(reason)
    if len(data) > MAX_BYTES:
        limit = MAX_BYTES // 1024**2
        raise InvalidInput("file_too_large", _("The file is larger than %s MiB.") % limit)
    text = decode(data, encoding)
    file_format, table = _read(text, file_format, separator)
    with transaction.atomic():
        bank = lock_bank(bank.pk)
        table = to_logistic_metric(table, metric)
        plan = plan_import(bank, table.rows, create_areas)
        faults = table.faults + plan.faults
        if faults:
            raise _refusal(faults, table)
        draft = _write(bank, plan, actor, reason)
        report = _report(plan, draft)
        audit.record(
            actor,
            "import_items",
            bank,
            reason,
            format=file_format,
            sha256=sha256(data).hexdigest(),
            conversion=dict(table.conversion),
            counts=dict(Counter(change.kind for change in plan.changes)),
        )
        transaction.set_rollback(dry_run)
    return replace(report, draft=None) if dry_run else report


def guess_format(text: str) -> str:
    if text.lstrip().startswith(("{", "[")) and not text.lstrip().startswith("{\\rtf"):
        return "json"
    return "edu_irt" if is_edu_irt(text) else "csv"


def _read(text: str, file_format: str | None, separator: str | None) -> tuple[str, Table]:
    """(the format, the table): the one that was said, or the one that the text looks like."""
    likely = guess_format(text)
    file_format = file_format or likely
    if file_format != likely and "json" in (file_format, likely):
        is_json = likely == "json"
        raise unreadable(
            _("The file is JSON, not CSV: leave --format out.")
            if is_json
            else foreign_format(text) or _("The file is CSV, not JSON: leave --format out.")
        )
    if file_format == "json":
        return file_format, read_json(text)
    return file_format, _READERS[file_format](text, separator)


def _refusal(faults: list[RowFault], table: Table) -> InvalidInput:
    """One error that names every fault, in the order and the column names of the file."""
    named = [fault._replace(column=table.names.get(fault.column, fault.column)) for fault in faults]
    named.sort(key=lambda fault: fault.row)
    count = len({fault.row for fault in named})
    head = ngettext(
        "%s row cannot be imported; nothing was changed.",
        "%s rows cannot be imported; nothing was changed.",
        count,
    )
    line = _("row %(row)s, column %(column)s: %(reason)s")
    lines = [head % count, *(line % fault._asdict() for fault in named)]
    rows = [fault._asdict() for fault in named]
    return InvalidInput("invalid_rows", "\n".join(lines), rows=rows)


def _write(bank: Bank, plan: Plan, actor: Any, reason: str) -> BankRelease | None:
    plan.places.save()
    versions = _write_texts(bank, plan.changes, actor, reason)
    _approve([change for change in plan.changes if change.content is None])
    placed = [
        (change, version)
        for change, version in zip(plan.changes, versions, strict=True)
        if change.is_released
    ]
    zipped = zip(plan.changes, versions, strict=True)
    moved = {v.item: c.enemies for c, v in zipped if c.enemies != c.enemies_before}
    needs_draft = placed or (moved and bank.current_release)
    draft = open_draft(bank, actor) if needs_draft else None
    if draft is not None:
        upsert(
            released_row(
                draft,
                version,
                change.target,
                ReleasedItem.Provenance.IMPORT,
                change.parameters,
            )
            for change, version in placed
        )
    set_groups(bank, moved, actor, reason)
    audit.record_all(
        audit.entry(
            actor,
            "import_item",
            version.item,
            reason,
            version=version.number,
            change=change.kind,
            status=change.target,
            before=change.before and change.before.fields(),
            after=change.parameters and change.parameters.fields(),
        )
        for change, version in zip(plan.changes, versions, strict=True)
    )
    return draft


def _write_texts(
    bank: Bank, changes: list[ItemChange], actor: Any, reason: str
) -> list[ItemVersion]:
    """The version that each change is about, the new ones written."""
    new_items = {c.row.code: Item(bank=bank, code=c.row.code) for c in changes if not c.version}
    Item.objects.bulk_create(new_items.values())
    revised = [c.version.item_id for c in changes if c.version and c.content]
    ItemVersion.objects.filter(item__in=revised, status__in=[Status.DRAFT, Status.REVIEW]).update(
        status=Status.RETIRED
    )
    versions: list[ItemVersion] = []
    written: list[tuple[ItemVersion, Content]] = []
    for change in changes:
        version = change.version
        if change.content is not None:
            item = version.item if version else new_items[change.row.code]
            number = version.number + 1 if version else 1
            status = Status.PRETEST if change.target in RELEASED else change.target
            version = new_version(item, number, change.content, actor, reason, status)
            written.append((version, change.content))
        if version is not None:
            versions.append(version)
    write_versions(written)
    return versions


def _approve(changes: list[ItemChange]) -> None:
    """Known texts that the file moves on."""
    for status, targets in ((Status.REVIEW, (Status.REVIEW,)), (Status.PRETEST, RELEASED)):
        moved = [c.version.pk for c in changes if c.version and c.target in targets]
        ItemVersion.objects.filter(pk__in=moved, status__in=[Status.DRAFT, Status.REVIEW]).update(
            status=status
        )


def _report(plan: Plan, draft: BankRelease | None) -> ImportReport:
    return ImportReport(
        changes=[(c.row.code, c.kind, _sentence(c)) for c in plan.changes],
        new_areas=[area.code for area in plan.places.new_areas],
        unchanged=plan.unchanged,
        draft=draft,
    )


def _sentence(change: ItemChange) -> str:
    parts = []
    if change.version is None:
        parts.append(_("new item"))
    elif change.content is not None:
        parts.append(_("new version, changed: %s") % ", ".join(change.fields))
    if change.standing != change.target:
        start = f"{change.standing} → " if change.standing else ""
        parts.append(f"{start}{change.target}")
    if change.parameters != change.before:
        start = f"{change.before} → " if change.before else ""
        parts.append(f"{start}{change.parameters}")
    if change.enemies != change.enemies_before:
        start = f"{', '.join(change.enemies_before)} → " if change.enemies_before else ""
        parts.append(_("enemies: %s") % f"{start}{', '.join(change.enemies) or _('none')}")
    return " | ".join(parts)
