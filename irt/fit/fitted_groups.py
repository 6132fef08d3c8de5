"""Several groups with the same items, each with a distribution of ability of its own.

Persons of groups that differ are no sample of one normal distribution: judged as one, items that
fit look as if they did not. Each group is compared with what its own distribution foretells.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.fit.fitted_model import FitError, FittedModel
from irt.models.parameters import ItemParameters
from irt.responses import Responses


@dataclass(frozen=True, eq=False)
class FittedGroups:
    """J items in G groups of persons.

    models  (G,) of one set of items on the same nodes, which differ in the distribution of ability
    member  (N,) the group of each person; -1 where a person belongs to none and takes no part
    """

    models: Sequence[FittedModel]
    member: IntArray

    @property
    def parameters(self) -> ItemParameters:
        return self.models[0].parameters

    @property
    def nodes(self) -> FloatArray:
        return self.models[0].nodes

    @property
    def estimated(self) -> BoolArray:
        return self.models[0].estimated

    @property
    def has_parameters(self) -> BoolArray:
        """(J,)."""
        return self.models[0].has_parameters

    @cached_property
    def _persons(self) -> list[IntArray]:
        return [np.flatnonzero(self.member == group) for group in range(len(self.models))]

    def parts(self, responses: Responses) -> Iterator[tuple[Responses, FittedModel]]:
        """The persons of each group with the model of their group; groups without any left out."""
        for persons, model in zip(self._persons, self.models, strict=True):
            if len(persons):
                yield responses.take(persons), model

    def check(self, responses: Responses) -> None:
        """Raise `FitError` where responses, groups and parameters do not fit together."""
        self.models[0].check(responses)
        if self.member.shape != (responses.n_persons,):
            raise FitError(
                f"{responses.n_persons} persons, but the groups of {len(self.member)}; give one "
                "group a person"
            )
        if not (self.member >= 0).any():
            raise FitError("no person belongs to a group, so nothing can be said about the fit")

    def log_probabilities(self, responses: Responses) -> FloatArray:
        """(C, Q) of the stacked categories at the nodes; 0 for items without parameters."""
        return self.models[0].log_probabilities(responses)

    def eap(self, responses: Responses) -> FloatArray:
        """(N,) of each person, given the distribution of the group; NaN for persons of none."""
        theta = np.full(responses.n_persons, np.nan)
        for persons, model in zip(self._persons, self.models, strict=True):
            if len(persons):
                theta[persons] = model.eap(responses.take(persons))
        return theta


Fitted = FittedModel | FittedGroups
