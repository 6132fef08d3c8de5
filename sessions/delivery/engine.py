"""One session in the engine's terms: a batch of one, its pinned start, the vetoes from outside.

Delivery and replay step through here, so that neither has a rule of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from irt.ability import Ability
from irt.adaptive import Step, advance, final_ability, next_step, start
from irt.policy.policy import Policy
from irt.policy.stopping_rules import StopReason
from irt.pool import Pool, Veto
from irt.state import Examinees, State
from irt.stopping.classification import classified_level


class Pinned(Protocol):
    """What a session was given at its start, by which it replays: a `Session` or a `Record`."""

    @property
    def seed(self) -> int: ...
    @property
    def prior_mean(self) -> float: ...
    @property
    def prior_sd(self) -> float: ...
    @property
    def start_theta(self) -> float | None: ...
    @property
    def seen_items(self) -> Sequence[int]: ...
    @property
    def ineligible_items(self) -> Sequence[int]: ...
    @property
    def pretest_items(self) -> Sequence[int]: ...


@dataclass(frozen=True, slots=True)
class Outside:
    """Ids of the items that must not be selected now for reasons that no session knows."""

    withdrawn: tuple[int, ...] = ()
    capped: tuple[int, ...] = ()

    def cap(self, item_id: int) -> "Outside":
        """The same, and one more item used up."""
        return replace(self, capped=(*self.capped, item_id))


@dataclass(frozen=True, eq=False, slots=True)
class Chooser:
    """Steps of one session: its pool, its policy, what it was given at the start."""

    pool: Pool
    policy: Policy
    pinned: Pinned

    def choose_first(self, outside: Outside) -> Step:
        """The first item."""
        vetoes = self._vetoes(outside)
        step = start(self.pool, self.policy, self.examinee, vetoes=vetoes, explain=True)
        return self._fall_back_where_empty(step, outside)

    def choose_after(
        self, state: State, item_id: int, score: int | None, seconds: float, outside: Outside
    ) -> Step:
        """The step after an answer, so many seconds after the start; a score of None: left out."""
        step = advance(
            self.pool,
            self.policy,
            replace(state, elapsed=np.zeros(1)),
            self.pool.index_of(item_id),
            -1 if score is None else score,
            seconds=seconds,
            vetoes=self._vetoes(outside),
            explain=True,
        )
        return self._fall_back_where_empty(step, outside)

    def choose_again(self, state: State, outside: Outside) -> Step:
        """The same step under other vetoes from outside."""
        vetoes = self._vetoes(outside)
        step = next_step(self.pool, self.policy, state, vetoes=vetoes, explain=True)
        return self._fall_back_where_empty(step, outside)

    def estimate_reported(self, step: Step) -> Ability:
        """The ability to report, (1,)."""
        estimation = self.policy.estimation
        if estimation.final == estimation.interim:
            return Ability(step.theta, step.standard_error)
        return final_ability(self.pool, self.policy, step.state)

    def level(self, step: Step, reported: Ability) -> int | None:
        """The level to report beside that estimate; None where the test has no cut scores."""
        if not self.policy.cuts:
            return None
        return int(classified_level(self.pool, self.policy, step.state, reported)[0])

    @property
    def examinee(self) -> Examinees:
        pinned, pool = self.pinned, self.pool
        theta = np.nan if pinned.start_theta is None else pinned.start_theta
        shortlist = [pool.index_of(item_id) for item_id in pinned.pretest_items]
        return Examinees(
            seed=np.array([pinned.seed], dtype=np.uint64),
            prior_mean=np.array([pinned.prior_mean]),
            prior_sd=np.array([pinned.prior_sd]),
            start_theta=np.array([theta]),
            pretest=np.array([shortlist], dtype=np.int64),
        )

    def _fall_back_where_empty(self, step: Step, outside: Outside) -> Step:
        """The step; where eligibility left no item, the step that ignores it.

        As in van der Linden & Veldkamp (2004): a test goes before its exposure rates.
        """
        if not self.pinned.ineligible_items or step.stop[0] != StopReason.NO_ITEM_LEFT:
            return step
        vetoes = self._vetoes(outside, with_ineligible=False)
        return next_step(self.pool, self.policy, step.state, vetoes=vetoes, explain=True)

    def _vetoes(
        self, outside: Outside, *, with_ineligible: bool = True
    ) -> NDArray[np.uint8] | None:
        """(J,) codes, None where nothing is vetoed."""
        given: tuple[tuple[Sequence[int], Veto], ...] = (
            (self.pinned.ineligible_items if with_ineligible else (), Veto.INELIGIBLE),
            (self.pinned.seen_items, Veto.SEEN),
            (outside.capped, Veto.CAPPED),
            (outside.withdrawn, Veto.WITHDRAWN),
        )
        if not any(item_ids for item_ids, _veto in given):
            return None
        codes = np.zeros(self.pool.n_items, dtype=np.uint8)
        for item_ids, veto in given:
            if item_ids:
                codes[self.pool.mask(item_ids)] = veto
        return codes
