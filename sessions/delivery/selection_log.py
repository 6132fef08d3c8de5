"""Why an item was chosen, as it is kept with the response: small, and enough for a replay.

Keys: best [[item id, criterion]] the five best that were free; vetoed [[item id, criterion, veto]]
up to five that ranked above the chosen one; vetoes {veto: how many}; draw; theta and
standard_error at which the item was chosen; pretest; outside {veto: items} given from outside.
Written for staff: nothing of it leaves the server towards an examinee.
"""

import base64
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irt.adaptive import Explanation, Step
from irt.pool import Pool, Veto
from irt.selection.draws import CRITERION_DIGITS
from sessions.delivery.engine import Outside

CANDIDATES = 5
SHOWN_DIGITS = 6
# Criteria closer than this are ties for the engine, too.
TIE = 10.0**-CRITERION_DIGITS
# Nobody asks why an item was not given that was given before, or that never counts.
_IS_NEWS = np.array(
    [veto not in (Veto.NONE, Veto.NOT_OPERATIONAL, Veto.ADMINISTERED) for veto in Veto]
)


def log_of(pool: Pool, step: Step, outside: Outside) -> dict[str, Any]:
    """The log of the item that a step of one examinee chose; {} where it chose none."""
    chosen, explanation = int(step.item[0]), step.explanation
    if chosen < 0 or explanation is None:
        return {}
    log = {
        "theta": float(step.theta[0]),
        "standard_error": float(step.standard_error[0]),
        "draw": float(explanation.draw[0]),
        "pretest": bool(step.is_pretest[0]),
        "outside": {
            name: _pack(pool.mask(item_ids))
            for name, item_ids in (("WITHDRAWN", outside.withdrawn), ("CAPPED", outside.capped))
            if item_ids
        },
    }
    return log if log["pretest"] else {**log, **_ranking(pool, explanation, chosen)}


def outside_of(pool: Pool, log: dict[str, Any]) -> Outside:
    """The vetoes from outside that a log holds."""
    packed = log.get("outside", {})

    def items(name: str) -> tuple[int, ...]:
        return _unpack(pool, packed[name]) if name in packed else ()

    return Outside(withdrawn=items("WITHDRAWN"), capped=items("CAPPED"))


def _ranking(pool: Pool, explanation: Explanation, chosen: int) -> dict[str, Any]:
    criterion, veto = explanation.criterion[0], explanation.veto[0]
    # Where exposure control held every free item, the best of those was given all the same.
    free = veto == veto[chosen]
    better = (criterion > criterion[chosen]) & ~free & _IS_NEWS[veto]
    counts = np.bincount(veto, minlength=len(Veto))
    return {
        "best": [
            [item, value] for item, value, _ in _rows(pool, criterion, veto, _top(criterion, free))
        ],
        "vetoed": _rows(pool, criterion, veto, _top(criterion, better)),
        "vetoes": {code.name: int(counts[code]) for code in Veto if code and counts[code]},
    }


def _top(criterion: NDArray[np.float64], chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The best of the chosen, ties to the lower index."""
    index = np.flatnonzero(chosen)
    values = criterion[index]
    if len(index) > CANDIDATES:
        least = np.partition(values, -CANDIDATES)[-CANDIDATES]
        near = values >= least - TIE
        index, values = index[near], values[near]
    order = np.argsort(-np.round(values, CRITERION_DIGITS), kind="stable")[:CANDIDATES]
    return np.asarray(index[order], dtype=np.int64)


def _rows(
    pool: Pool,
    criterion: NDArray[np.float64],
    veto: NDArray[np.uint8],
    index: Sequence[int] | NDArray[np.int64],
) -> list[list[Any]]:
    return [
        [
            int(pool.item_ids[item]),
            round(float(criterion[item]), SHOWN_DIGITS),
            Veto(int(veto[item])).name,
        ]
        for item in index
    ]


def _pack(mask: NDArray[np.bool_]) -> str:
    """One bit an item of the pool, compressed: a capped bank may have hundreds of vetoes."""
    return base64.b64encode(zlib.compress(np.packbits(mask).tobytes(), 9)).decode()


def _unpack(pool: Pool, text: str) -> tuple[int, ...]:
    bits = np.frombuffer(zlib.decompress(base64.b64decode(text)), dtype=np.uint8)
    mask = np.unpackbits(bits, count=pool.n_items).astype(bool)
    return tuple(pool.item_ids[mask].tolist())
