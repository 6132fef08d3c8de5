"""Persons whose sums of scores can be compared: those of one group who answered the same items."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from irt.arrays import BoolArray, IntArray
from irt.fit.fitted_groups import FittedGroups
from irt.fit.fitted_model import FittedModel
from irt.fit.forms import FEWEST_IN_A_FORM, forms_of
from irt.fit.score_matrices import answered_items
from irt.responses import Responses
from scoring.report.population import group_moments


@dataclass(frozen=True, eq=False)
class Stratum:
    """Persons (n,) of a group who answered exactly the `items` (J,) of a form, both from 0.

    The model has the distribution of ability of these persons.
    """

    group: int
    form: int
    persons: IntArray
    items: BoolArray
    model: FittedModel

    @property
    def is_complete(self) -> bool:
        return bool(self.items.all())


def find_strata(
    responses: Responses,
    models: Sequence[FittedModel],
    member: IntArray,
    *,
    has_given_moments: bool,
) -> list[Stratum]:
    """By group, and within groups the form that most persons answered first.

    models (G,) are those of the groups, member (N,) the group of each person, -1 for none. Where a
    group answered several forms the ability of those with each is estimated anew: forms are often
    given by ability.
    """
    forms = forms_of(responses)
    known = (member >= 0) & (forms >= 0)
    pairs = sorted(set(zip(member[known].tolist(), forms[known].tolist(), strict=True)))
    n_forms = {group: sum(own == group for own, _ in pairs) for group, _ in pairs}
    strata = []
    for group, form in pairs:
        persons = np.flatnonzero((member == group) & (forms == form))
        is_single = n_forms[group] == 1
        if not is_single and len(persons) < FEWEST_IN_A_FORM:
            continue
        own = responses.take(persons)
        model = models[group]
        if not (is_single or has_given_moments):
            model = _with_own_moments(own, model)
        strata.append(Stratum(group, form, persons, answered_items(own), model))
    return strata


def _with_own_moments(responses: Responses, model: FittedModel) -> FittedModel:
    mean, variance = group_moments(
        responses, model.parameters, np.zeros(responses.n_persons, dtype=np.int64)
    )[0].tolist()
    if not np.isfinite(mean):
        return model
    return replace(model, mean=mean, variance=variance, free_mean=True, free_variance=True)


def fitted_strata(strata: Sequence[Stratum], n_persons: int) -> FittedGroups:
    """The strata as groups; persons of none take no part."""
    member = np.full(n_persons, -1)
    for number, stratum in enumerate(strata):
        member[stratum.persons] = number
    return FittedGroups([stratum.model for stratum in strata], member)
