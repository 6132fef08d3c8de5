"""What an import would do to a bank, found out before anything is written."""

from collections.abc import Iterable
from dataclasses import dataclass, fields

from django.utils.translation import gettext as _

from common.names import Known
from items.content import Content, content_faults
from items.enemies import groups_by_item
from items.exchange.places import Places
from items.exchange.rows import (
    ItemRow,
    RowFault,
    WrittenContent,
    differences,
    written_content,
)
from items.item_parameters import Parameters, parameters_of
from items.models import Bank, BankRelease, ItemVersion, ReleasedItem, Status

RELEASED = (Status.PRETEST, Status.OPERATIONAL)
# An import raises an item along these and takes none back.
_STEPS = (Status.DRAFT, Status.REVIEW, *RELEASED)


@dataclass(frozen=True)
class ItemChange:
    """What one row does to its item.

    version     the newest version now, None for a new item
    content     the text of the version to write, None where the text stays
    fields      names of the parts of the text that differ
    standing    what the version is now, None for a new text
    target      what it becomes once the draft is published
    parameters  what the draft will hold of it, and `before` what it holds now
    enemies     codes of its enemy groups to be, and `enemies_before` those of now
    """

    row: ItemRow
    version: ItemVersion | None
    content: Content | None
    fields: tuple[str, ...]
    standing: str | None
    target: str
    parameters: Parameters | None
    before: Parameters | None
    enemies: tuple[str, ...]
    enemies_before: tuple[str, ...]

    @property
    def kind(self) -> str:
        if self.version is None:
            return "new"
        if self.content is not None:
            return "revised"
        if self.parameters != self.before:
            return "parameters"
        return "enemies" if self.standing == self.target else "moved"

    @property
    def is_released(self) -> bool:
        """The draft release gets a row of it."""
        return self.target in RELEASED and self.kind != "enemies"


@dataclass(frozen=True)
class Plan:
    """`unchanged` counts the rows that say what is so already."""

    places: Places
    changes: list[ItemChange]
    faults: list[RowFault]
    unchanged: int


def rows_by_item(release: BankRelease | None) -> dict[int, ReleasedItem]:
    if release is None:
        return {}
    rows = release.released_items.select_related("item_version__item")
    return {row.item_id: row for row in rows}


def standing_release(bank: Bank) -> BankRelease | None:
    """The authoring draft, or the current release while there is none."""
    drafts = bank.releases.filter(number__isnull=True, origin=BankRelease.Origin.AUTHORING)
    return drafts.first() or bank.current_release


def newest_versions(bank: Bank) -> dict[str, ItemVersion]:
    """The newest version of every item by code, with all that it says. Three queries."""
    newest = (
        ItemVersion.objects.filter(item__bank=bank)
        .order_by("item", "-number")
        .distinct("item")
        .select_related("item", "area", "stimulus")
        .prefetch_related("options", "numeric_rules")
    )
    return {version.item.code: version for version in newest}


def status_of(version: ItemVersion, held: ReleasedItem | None) -> str:
    """What the version is, or will be once the draft with the row `held` is published."""
    if held is not None and held.item_version_id == version.pk:
        return held.role
    return version.status


def plan_import(bank: Bank, rows: list[ItemRow], create_areas: bool) -> Plan:
    """Compare rows with the bank. A constant number of queries; writes nothing."""
    versions, held = newest_versions(bank), rows_by_item(standing_release(bank))
    groups = groups_by_item(bank)
    places = Places(bank, create_areas)
    codes = Known(versions)
    group_codes = Known(bank.enemy_groups.values_list("code", flat=True))
    changes: list[ItemChange] = []
    faults: list[RowFault] = []
    unchanged = 0
    for row in rows:
        version = versions.get(row.code)
        standing = held.get(version.item_id) if version else None
        if row.content is None and standing:
            version = standing.item_version  # parameters alone are of the version in use
        enemies = groups.get(version.item_id, ()) if version else ()
        planner = _RowPlanner(places, row, version, standing, enemies)
        change = planner.plan()
        planner.refuse_twins("code", codes, [row.code] if row.content else [])
        planner.refuse_twins("enemies", group_codes, row.enemies or [])
        faults += planner.faults
        if change is not None and not planner.faults:
            changes.append(change)
        elif not planner.faults:
            unchanged += 1
    return Plan(places, changes, faults, unchanged)


class _RowPlanner:
    """Compares one row with its item's newest version and with the row that a release holds."""

    def __init__(
        self,
        places: Places,
        row: ItemRow,
        version: ItemVersion | None,
        held: ReleasedItem | None,
        enemies: tuple[str, ...],
    ) -> None:
        self.places, self.row, self.version, self.held = places, row, version, held
        self.enemies = enemies
        self.faults: list[RowFault] = []

    def _refuse(self, column: str, reason: str) -> None:
        self.faults.append(RowFault(self.row.number, column, reason))

    def refuse_twins(self, column: str, known: Known, names: Iterable[str]) -> None:
        """A new name is refused that looks like one of the bank, or of an earlier row."""
        for fault in filter(None, map(known.fault, names)):
            self._refuse(column, fault)

    def plan(self) -> ItemChange | None:
        """None when the row changes nothing or is refused (then `faults` says why)."""
        changed = self._changed_fields()
        content = self._content(self.row.content) if changed and self.row.content else None
        if self.faults:
            return None
        standing, before = self._standing(is_new_text=content is not None)
        target = self.row.status or self._usual_status(standing)
        self._check_parameters(content)
        self._check_target(standing, target, before)
        given = self.row.parameters
        same = given is None or given.says_the_same_as(before)
        is_as_it_stands = standing == target and same
        enemies = self.enemies if self.row.enemies is None else self.row.enemies
        if self.faults or (is_as_it_stands and enemies == self.enemies):
            return None
        if not is_as_it_stands:
            self._check_withdrawn(content, target)
        return ItemChange(
            row=self.row,
            version=self.version,
            content=content,
            fields=changed,
            standing=standing,
            target=target,
            parameters=before if same else given,
            before=before,
            enemies=enemies,
            enemies_before=self.enemies,
        )

    def _changed_fields(self) -> tuple[str, ...]:
        if self.row.content is None:
            if self.version is None:
                reason = _("There is no such item; a file without texts changes parameters only.")
                self._refuse("code", reason)
            return ()
        if self.version is None:
            return tuple(field.name for field in fields(self.row.content))
        return tuple(differences(written_content(self.version), self.row.content))

    def _content(self, written: WrittenContent) -> Content:
        area, fault = self.places.area(written.area)
        if fault:
            self._refuse("area", fault)
        stimulus = None
        if written.stimulus:
            stimulus, fault = self.places.stimulus(written.stimulus)
            if fault:
                self._refuse("stimulus", fault)
        content = Content(
            area=area,
            response_kind=written.kind,
            stem=written.stem,
            options=written.options,
            rules=written.rules,
            rationale=written.rationale,
            stimulus=stimulus,
            expected_seconds=written.expected_seconds,
        )
        for _field, column, reason in content_faults(self.places.bank, content):
            self._refuse(column, reason)
        return content

    def _standing(self, is_new_text: bool) -> tuple[str | None, Parameters | None]:
        """(what the newest version is, its parameters); nothing yet of a new text."""
        if is_new_text or self.version is None:
            return None, None
        holds = self.held is not None and self.held.item_version_id == self.version.pk
        before = parameters_of(self.held) if self.held and holds else None
        return status_of(self.version, self.held), before

    def _usual_status(self, standing: str | None) -> str:
        """Where the file is silent: parameters make an item operational."""
        if self.row.parameters is not None:
            return Status.OPERATIONAL
        return standing or Status.DRAFT

    def _check_parameters(self, content: Content | None) -> None:
        text = content or self.version
        if self.row.parameters is None or text is None:
            return
        fault = self.row.parameters.fault(text.max_score)
        if fault:
            self._refuse(*fault)

    def _check_target(self, standing: str | None, target: str, before: Parameters | None) -> None:
        if self.row.parameters is not None and target not in RELEASED:
            reason = _("Only pretest and operational items have parameters, not “%s” ones.")
            self._refuse("status", reason % target)
        if target == Status.OPERATIONAL and not (self.row.parameters or before):
            self._refuse("a", _("An operational item needs parameters."))
        if standing == target or self.version is None:
            return
        if target == Status.RETIRED:
            self._refuse("status", _("An import retires nothing: do it on the item's page."))
        elif standing == Status.RETIRED:
            self._refuse("status", _("The item is retired: return it to draft on its page first."))
        elif standing is not None and _STEPS.index(target) < _STEPS.index(standing):
            reason = _("The item is “%s” already; an import takes none back.") % standing
            self._refuse("status", reason)

    def _check_withdrawn(self, content: Content | None, target: str) -> None:
        if content is None and target in RELEASED and self.version and self.version.withdrawn_at:
            self._refuse("code", _("The item is withdrawn: only a new text can be released."))
