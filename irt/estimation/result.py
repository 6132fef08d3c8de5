"""What the estimators of ability return."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from irt.ability import Ability
from irt.arrays import IntArray


class AbilityStatus(IntEnum):
    """What became of an examinee's estimate; `str()` gives words."""

    OK = 0
    INFINITE = 1  # the likelihood is highest at an end of the scale: theta is -inf or inf
    NO_RESPONSES = 2  # theta is the prior's, NaN where there is no prior
    AT_BOUND = 3  # held by a fence of ML or an end of EAP's grid, not by the responses alone
    UNDETERMINED = 4  # the root was not found to full precision; theta is NaN

    def __str__(self) -> str:
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True, eq=False)
class Estimates(Ability):
    """theta (N,) and standard_error (N,), with the `AbilityStatus` (N,) of each.

    Where theta is infinite the standard error is inf, where it is NaN the error is NaN.
    """

    status: NDArray[np.int8]

    def take(self, persons: IntArray) -> Self:
        """The examinees at `persons`, in that order."""
        return type(self)(self.theta[persons], self.standard_error[persons], self.status[persons])

    @property
    def counts(self) -> dict[AbilityStatus, int]:
        """How many examinees have each status, those that occur."""
        return {
            status: number
            for status in AbilityStatus
            if (number := int((self.status == status).sum()))
        }
