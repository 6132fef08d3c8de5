"""Which items must not be given now, because the test could not keep its constraints."""

import numpy as np
from numpy.typing import NDArray

from irt.arrays import BoolArray
from irt.constraints.area_tree import area_tree
from irt.constraints.compiled import Constraints, compiled, unconstrained
from irt.constraints.counting import ROUNDING, families, loads, lowest_of_family, room
from irt.constraints.progress import Answered, Progress, enemies_met, in_left_sets, progress
from irt.policy.blueprint import Method
from irt.policy.policy import Policy
from irt.pool import Pool, Veto

VetoArray = NDArray[np.uint8]


def content_vetoes(
    pool: Pool, policy: Policy, state: Answered, *, available: BoolArray | None = None
) -> VetoArray | None:
    """(N, J) ENEMY, STIMULUS, CONTENT and LENGTH vetoes; None where nothing is constrained.

    available (N, J): the items that nothing else forbids for the rest of the session (withdrawn,
    seen, ineligible, capped), by default all; what is counted on to complete the test comes from
    them. The priority method passes an item only if the test can be completed after it, so a
    test that begins with a free item never ends in a breach of its constraints. Where it passes
    no item at all, the counting was too cautious (enemies across areas; words and seconds both
    limited) or nothing is left: `shadow_tests` decides. For the shadow test only enemies and
    stimulus sets that were left are vetoed, since the program holds the rest.

    Raises NotATree where the priority method has areas that cross.
    """
    if unconstrained(pool, policy):
        return None
    constraints = compiled(pool, policy)
    vetoes = np.zeros(state.administered.shape, dtype=np.uint8)
    met = enemies_met(constraints, state)
    if met is not None:
        vetoes[met] = Veto.ENEMY
    if constraints.enemies_alone:
        return vetoes
    used = progress(constraints, state)
    free = ~state.administered & pool.operational & (vetoes == Veto.NONE)
    if available is not None:
        free &= available
    if constraints.n_sets:
        left = in_left_sets(constraints, used)
        free &= ~left
        _set_where_none(vetoes, left, Veto.STIMULUS)
    if policy.blueprint.method == Method.PRIORITY:
        _veto_by_counting(vetoes, constraints, used, free)
    if constraints.n_sets:
        foreign = _outside_current_set(constraints, used)
        bound = _lacks_minimum(constraints, used)
        if policy.blueprint.method == Method.PRIORITY:
            bound |= (free & (vetoes == Veto.NONE) & ~foreign & _is_in_set(used)).any(axis=1)
        else:
            foreign &= ~pool.operational
        _set_where_none(vetoes, foreign & bound[:, None], Veto.STIMULUS)
    return vetoes


def _set_where_none(vetoes: VetoArray, where: BoolArray, veto: Veto) -> None:
    vetoes[where & (vetoes == Veto.NONE)] = veto


def _is_in_set(used: Progress) -> BoolArray:
    """(N, 1) whether the last item was of a set."""
    within: BoolArray = used.current[:, None] >= 0
    return within


def _lacks_minimum(constraints: Constraints, used: Progress) -> BoolArray:
    """(N,) whether the current set has not given its minimum."""
    rows = np.arange(len(used.current))
    short = used.sets[rows, used.current] < constraints.set_lower[used.current]
    lacks: BoolArray = (used.current >= 0) & short
    return lacks


def _outside_current_set(constraints: Constraints, used: Progress) -> BoolArray:
    """(N, J) True for items that are not of the current set."""
    foreign: BoolArray = constraints.set_of != used.current[:, None]
    return foreign


def _veto_by_counting(
    vetoes: VetoArray, constraints: Constraints, used: Progress, free: BoolArray
) -> None:
    """Veto the free items after which the test cannot be completed, as far as counted."""
    unit, known = area_tree(constraints).unit, families(constraints)
    load = loads(constraints, used)
    left = room(constraints, used, free, load)
    reachable = np.where(known.counted, left.reachable[:, unit], left.extra_reachable[:, unit])
    lost = free & ~reachable
    if constraints.n_sets:
        _set_where_none(
            vetoes,
            lost & (constraints.set_of >= 0) & _outside_current_set(constraints, used),
            Veto.STIMULUS,
        )
    _set_where_none(vetoes, lost, Veto.CONTENT)
    if load is None:
        return
    above = np.zeros_like(load)
    above[:, known.items] = load[:, known.items] - np.repeat(
        lowest_of_family(known, free, load),
        np.diff(known.starts, append=len(known.items)),
        axis=1,
    )
    fits = np.where(
        known.counted,
        (load <= left.single[:, unit] + ROUNDING) & (above <= left.gain[:, unit] + ROUNDING),
        load <= left.extra[:, unit] + ROUNDING,
    )
    _set_where_none(vetoes, free & ~fits, Veto.LENGTH)
