"""Which persons answered the same items: the forms of a test whose items were given by a plan.

Sums of scores can be compared among persons of one form only.
"""

import numpy as np

from irt.arrays import IntArray
from irt.fit.score_matrices import score_matrices
from irt.responses import MISSING, Responses

# A set of items that fewer persons answered is no form of a plan but what single persons left out;
# nor is one that hardly anybody answered beside those who answered the form most often given.
FEWEST_IN_A_FORM = 30
_LEAST_SHARE = 0.1
# Where fewer persons have a form, there is no plan: as in an adaptive test.
_LEAST_COVERED = 0.5


def forms_of(responses: Responses) -> IntArray:
    """(N,) the form of each person, from 0 for the one most often given; -1 for no form.

    A form is a set of items that exactly so many persons answered: at least `FEWEST_IN_A_FORM`, and
    a tenth of those with the largest form. Where the forms hold fewer than half of the persons,
    only those who answered every item have one, form 0, however few they are.
    """
    packed = [np.packbits(scores != MISSING, axis=1) for scores in score_matrices(responses)]
    answered = np.ascontiguousarray(np.concatenate(packed))
    rows = answered.view([("", answered.dtype)] * answered.shape[1])[:, 0]
    _, first, member, counts = np.unique(
        rows, return_index=True, return_inverse=True, return_counts=True
    )
    complete = np.packbits(np.ones(responses.n_items, dtype=bool))
    is_complete = (answered[first] == complete).all(axis=1)
    is_form = counts >= max(FEWEST_IN_A_FORM, _LEAST_SHARE * counts.max())
    is_form &= answered[first].any(axis=1)
    if counts[is_form].sum() < _LEAST_COVERED * len(rows):
        is_form = is_complete
    forms = np.flatnonzero(is_form)
    number = np.full(len(counts), -1)
    number[forms[np.argsort(-counts[forms], kind="stable")]] = np.arange(len(forms))
    return np.asarray(number[member])
