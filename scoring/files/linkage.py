"""Whether the responses tie the scales of several groups together."""

from common.files.csv_files import DataError
from irt.arrays import BoolArray
from irt.common_scale.ties import untied_groups
from scoring.files.calibration_inputs import Groups
from scoring.responses.table import ResponseTable


def refuse_unlinked(
    table: ResponseTable, groups: Groups, anchored: BoolArray, *, free_group: bool
) -> None:
    """Raise `DataError` for a group whose items tie it to nothing that is fixed.

    anchored (J,) marks the items with fixed parameters; the first group is fixed unless
    `free_group`.
    """
    members = groups.member[table.person]
    untied = untied_groups(members, table.item, len(groups.names), anchored, is_free=free_group)
    for group in untied.tolist():
        fixed = "anchored items" if free_group else f"group {groups.names[0]} or anchored items"
        raise DataError(
            f"group {groups.names[group]} has no responses to items that tie its scale to {fixed}: "
            "calibrate it by itself, or anchor some of its items"
            + (f"; --fixed-group takes {groups.names[0]} as N(0, 1)" if free_group else "")
        )
