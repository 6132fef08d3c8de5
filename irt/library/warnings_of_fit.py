"""What makes a fit doubtful, in sentences."""

import numpy as np

from irt.calibration.result import Calibration, ItemStatus
from irt.fit.duplicates import Duplicates, duplicates
from irt.library.faults import listed
from irt.library.response_table import ResponseTable

# With fewer responses an item's estimate says little about it.
FEWEST_RESPONSES = 100

_OF_STATUS = {
    ItemStatus.NEGATIVE_SLOPE: (
        "have a negative discrimination: who knows more scores less. Are their keys right?"
    ),
    ItemStatus.STEEP: (
        "have a discrimination that grows without bound; a prior or a simpler model holds it"
    ),
    ItemStatus.UNDETERMINED: (
        "are hardly determined by the responses: read their standard errors before their "
        "parameters; more responses, a prior or a simpler model help"
    ),
}


def warnings_of(calibration: Calibration, table: ResponseTable) -> tuple[str, ...]:
    """One sentence a doubt, none where there is none."""
    found = []
    if not calibration.converged:
        found.append(
            f"the search did not converge: {calibration.obstacle}. Estimates and standard errors "
            "are those of the best point reached; do not report them"
        )
    left_out = np.flatnonzero(calibration.status == ItemStatus.EMPTY_CATEGORY)
    if left_out.size:
        reasons = [f"{table.items[item]} ({_emptiness(table, item)})" for item in left_out.tolist()]
        found.append(
            f"items without an estimate: {listed(reasons)}. Where scores were never given, merge "
            "them with their neighbors or leave the item out"
        )
    copies = duplicates(table.responses)
    found += _duplicates(copies, table)
    for status, sentence in _OF_STATUS.items():
        concerned = calibration.status == status
        if status is ItemStatus.STEEP:  # a copy is steep because of its twin
            concerned[copies.items] = False
        items = [table.items[item] for item in np.flatnonzero(concerned)]
        if items:
            found.append(f"items that {sentence}: {listed(items)}")
    few = (table.n_responses < FEWEST_RESPONSES) & (calibration.status == ItemStatus.ESTIMATED)
    if few.any():
        items = [f"{table.items[item]} ({table.n_responses[item]})" for item in np.flatnonzero(few)]
        found.append(f"items with fewer than {FEWEST_RESPONSES} responses: {listed(items)}")
    return tuple(found)


def _duplicates(copies: Duplicates, table: ResponseTable) -> list[str]:
    pairs = [
        f"{table.items[copies.first[pair]]} and {table.items[copies.second[pair]]} "
        f"({copies.n_alike[pair]} of {copies.n_persons[pair]} persons"
        + (", reversed)" if copies.reversed[pair] else ")")
        for pair in np.flatnonzero(copies.is_sure)
    ]
    if not pairs:
        return []
    return [
        "items that are answered alike by nearly everybody who answered both, as one item given "
        f"twice: {listed(pairs)}. Keep one of each pair and fit again: together they pull both "
        "discriminations up and make the test look more reliable than it is"
    ]


def _emptiness(table: ResponseTable, item: int) -> str:
    counts = table.category_counts[item]
    if not counts.any():
        return "nobody answered it"
    empty = np.flatnonzero(counts == 0).tolist()
    return f"nobody scored {' or '.join(map(str, empty))}"
