"""What is left of the minimums of a test where items were taken away while it ran."""

from dataclasses import replace

import numpy as np

from irt.arrays import BoolArray
from irt.constraints.compiled import Constraints
from irt.constraints.integer_program import least_shortfall
from irt.constraints.rest_of_test import Rest, possible_items, rest_program
from irt.constraints.useful_items import useful_items


def lower_to_attainable_minimums(constraints: Constraints, rest: Rest, free: BoolArray) -> Rest:
    """The rest with minimums lowered, by the least in sum, to what the free items (J,) can give.

    The minimums of areas, of the current set and of the length yield, one item of each alike;
    maximums, words and seconds, enemies and the minimums of sets not yet entered never do.
    """
    nothing = np.zeros(len(free))
    items = useful_items(constraints, rest, possible_items(constraints, rest, free), nothing)
    if not len(items):
        return rest
    shortfall = least_shortfall(rest_program(constraints, rest, items, nothing[items]))
    if shortfall is None:
        return rest
    # Rows of the program: the length, the areas, and of all others only the current set's has a
    # minimum.
    areas = slice(1, 1 + constraints.n_areas)
    return replace(
        rest,
        shortest=rest.shortest - int(shortfall[0]),
        lower=rest.lower - shortfall[areas],
        waived=int(shortfall[areas.stop :].sum()),
    )
