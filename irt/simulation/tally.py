"""What simulated sessions did with the items, and the chances to pass that follow from it."""

from dataclasses import dataclass

import numpy as np

from irt.ability import Ability
from irt.arrays import BoolArray, FloatArray, IntArray
from irt.exposure.control import band_of, refused
from irt.exposure.eligibility import eligibility
from irt.exposure.units import exposure_units, unit_draws
from irt.policy.policy import Policy
from irt.selection.first_item import selection_theta
from irt.simulation.sessions import Sessions
from irt.state import examinees, fresh_state

# A band answers for the use of an item by a group that owes it this share of that use.
_LEAST_SHARE = 0.1
# What a band's chance grows by at most while there are groups with less than that share.
_GROWTH = 1.5
_SESSIONS_AT_ONCE = 2000


@dataclass(frozen=True, eq=False)
class Tally:
    """Counts of sessions, for J items and the B bands of a policy; faded, no whole numbers.

    sessions      (B,) by the band of the examinee's ability
    visited       (B,) that had an item selected at an estimate in the band
    feasible      (B,) of these visits, the ones in which items that pass never ran out
    eligible      (J, B) of these visits, the ones in which the item passed, or they ran out
    administered  (J, B, B) that gave the item, by band of selection and band of the ability; or,
                  for an item of a stimulus set, that gave the set (`tally_sessions`)
    """

    sessions: FloatArray
    visited: FloatArray
    feasible: FloatArray
    eligible: FloatArray
    administered: FloatArray

    @property
    def rates(self) -> FloatArray:
        """(J, B) share of the sessions of each band of ability that gave the item."""
        return _shares(self.administered.sum(axis=1), self.sessions)


def no_sessions(n_items: int, n_bands: int) -> Tally:
    """The tally before the first session."""
    by_band, by_item = np.zeros(n_bands), np.zeros((n_items, n_bands))
    return Tally(by_band, by_band, by_band, by_item, np.zeros((n_items, n_bands, n_bands)))


def add_tallies(
    older: Tally,
    newer: Tally,
    keep_groups: FloatArray | float = 1.0,
    keep_bands: FloatArray | float = 1.0,
) -> Tally:
    """Both together; the counts of `older` fade to these shares first.

    keep_groups (B,) or a number for counts by ability, keep_bands for counts by band of selection.
    """
    return Tally(
        sessions=keep_groups * older.sessions + newer.sessions,
        visited=keep_bands * older.visited + newer.visited,
        feasible=keep_bands * older.feasible + newer.feasible,
        eligible=keep_bands * older.eligible + newer.eligible,
        administered=keep_groups * older.administered + newer.administered,
    )


def tally_sessions(
    policy: Policy, table: FloatArray, sessions: Sessions, *, whole_sets: bool = False
) -> Tally:
    """Count sessions simulated with the chances to pass of `table` (J, B), which held for all.

    Which items passed is drawn again from the seeds. An item of a stimulus set was selected in the
    band in which the set was entered. With `whole_sets` all items of a set count as administered
    where one of them was.
    """
    limits, n_bands = policy.exposure.bands, table.shape[1]
    person, item = sessions.person, sessions.item
    group = band_of(sessions.true_theta, limits)
    units = exposure_units(sessions.pool)
    entry, which = _entries(person, units[item])
    band = band_of(_theta_of_selection(policy, sessions)[entry], limits)[which]
    administered = np.zeros((len(table), n_bands, n_bands))
    if whole_sets:
        np.add.at(administered, (units[item[entry]], band[entry], group[person[entry]]), 1.0)
        administered = administered[units]
    else:
        np.add.at(administered, (item, band, group[person]), 1.0)
    visits = np.zeros((sessions.n_sessions, n_bands), dtype=bool)
    visits[person, band] = True
    feasible, eligible = np.zeros(n_bands), np.zeros_like(table)
    for first in range(0, sessions.n_sessions, _SESSIONS_AT_ONCE):
        some = slice(first, first + _SESSIONS_AT_ONCE)
        draws = unit_draws(sessions.seed[some], sessions.pool)
        here = np.arange(*np.searchsorted(person, [first, first + len(draws)]))
        for one in range(n_bands):
            given = here[band[here] == one]
            held = refused(table, np.full(len(draws), one), draws)
            ran_out = np.zeros(len(draws), dtype=bool)
            ran_out[(person[given] - first)[held[person[given] - first, item[given]]]] = True
            visited = visits[some, one]
            eligible[:, one] += (~held | ran_out[:, None])[visited].sum(axis=0)
            feasible[one] += (visited & ~ran_out).sum()
    return Tally(
        sessions=np.bincount(group, minlength=n_bands).astype(float),
        visited=visits.sum(axis=0).astype(float),
        feasible=feasible,
        eligible=eligible,
        administered=administered,
    )


def _entries(person: IntArray, unit: IntArray) -> tuple[IntArray, IntArray]:
    """(E,) the answers by which a person (R,) entered a unit (R,), and (R,) which of these entries
    each answer follows from."""
    pair = person * (unit.max(initial=0) + 1) + unit
    _, entry, which = np.unique(pair, return_index=True, return_inverse=True)
    return entry, which


def _theta_of_selection(policy: Policy, sessions: Sessions) -> FloatArray:
    """(R,) the theta at which the engine looked for each item that counts."""
    pool, who = sessions.pool, examinees(policy, sessions.seed)
    nothing = Ability(*np.zeros((2, sessions.n_sessions)))
    start = selection_theta(policy, fresh_state(pool, who), nothing).theta
    theta = sessions.theta_before.copy()
    given, first = np.unique(sessions.person, return_index=True)
    theta[first] = start[given]
    return theta


def passing_probabilities(tally: Tally, rate: float, controlled: BoolArray) -> FloatArray:
    """(J, B) chances to pass under which no group's use of an item should exceed `rate`.

    With one band this is `eligibility`. With several, a session visits bands besides the one of
    its ability, all sessions the one in which they begin. So the chance in a band is set by the
    group with the highest rate among those that owe the band a tenth or more of their use of the
    item: whatever is too high is brought down wherever it comes from. Items outside `controlled`
    (J,) pass always.
    """
    by_group = tally.administered.sum(axis=1, keepdims=True)
    answers = tally.administered >= _LEAST_SHARE * by_group
    seen = np.where(answers, tally.rates[:, None, :], rate / _GROWTH)
    worst = np.where(tally.administered > 0, seen, 0.0).max(axis=2)
    chances = eligibility(
        worst, _shares(tally.eligible, tally.visited), rate, _shares(tally.feasible, tally.visited)
    )
    return np.where(controlled[:, None], chances, 1.0)


def _shares(part: FloatArray, whole: FloatArray) -> FloatArray:
    """part / whole, 0 where there is nothing of the whole."""
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
