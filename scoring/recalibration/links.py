"""Whether the responses of a run hold its items together, so that one link serves them all."""

from typing import Any

import numpy as np

from common.errors import Conflict
from irt.calibration.result import Calibration
from irt.common_scale.link_errors import judge_links
from irt.common_scale.linkage import find_linkage
from scoring.files.link_words import blocks_told, ties_as_data
from scoring.recalibration.candidates import Candidates


def require_linked(candidates: Candidates) -> None:
    """Raise Conflict where items share no session with others, not even over more items."""
    responses = candidates.window.as_responses(candidates.n_categories)
    every = np.ones(responses.n_items, dtype=bool)
    linkage = find_linkage(responses, ~every, every)
    if not linkage.is_linked:
        raise Conflict("unlinked", blocks_told(linkage, candidates.codes))


def weak_ties(candidates: Candidates, calibration: Calibration) -> list[dict[str, Any]]:
    """By what the blocks hang that hang by a thread, for the evidence."""
    links = judge_links(
        candidates.window.as_responses(candidates.n_categories),
        calibration.parameters,
        np.zeros(len(candidates.models), dtype=bool),
        calibration.group_mean,
        calibration.group_variance,
    )
    return ties_as_data(links, candidates.codes)
