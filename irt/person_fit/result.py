"""What a statistic of person fit returns."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from irt.arrays import BoolArray, FloatArray


class PersonStatus(StrEnum):
    """What became of a person's statistic."""

    OK = "ok"
    NO_RESPONSES = "no responses"
    THETA_NOT_FINITE = "theta is not finite"
    NO_VARIANCE = "no variance: whatever is answered here gives the same value"
    NO_EQUATION = "EAP solves no likelihood equation: estimate theta by ML, MAP or WLE"
    NOT_AT_ESTIMATE = "theta does not solve the equation of its estimator"


@dataclass(frozen=True, eq=False)
class PersonStatistic:
    """value (N,) and the `PersonStatus` (N,) of each; value is NaN exactly where it is not OK."""

    value: FloatArray
    status: NDArray[np.str_]

    @property
    def ok(self) -> BoolArray:
        """(N,) where there is a value."""
        return np.asarray(self.status == PersonStatus.OK)


def person_status(
    cases: list[tuple[BoolArray, PersonStatus]],
) -> NDArray[np.str_]:
    """(N,) the status of the first case (N,) that is true of a person, else OK."""
    conditions, statuses = zip(*cases, strict=True)
    return np.select(conditions, [np.array(str(name)) for name in statuses], str(PersonStatus.OK))


def person_statistic(value: FloatArray, status: NDArray[np.str_]) -> PersonStatistic:
    """`value` (N,) with NaN where the status (N,) is not OK."""
    return PersonStatistic(np.where(status == PersonStatus.OK, value, np.nan), status)
