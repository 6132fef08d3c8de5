"""The step between reading and writing an answer: score it, measure, choose the next item.

Pure functions of what was read and of what is in memory; the engine is called with a batch of one.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

import numpy as np
from django.utils.translation import gettext as _

from common.errors import InvalidInput
from irt.adaptive import Step
from irt.policy.stopping_rules import StopReason
from irt.state import restore_state
from sessions.delivery.engine import Chooser, Outside
from sessions.delivery.plan import load_plan
from sessions.delivery.selection_log import log_of
from sessions.delivery.store import Record
from sessions.models import Session, TestVersion
from sessions.snapshot import load_pool, load_snapshot, load_version

OMITTED = {"omit": True}
STOP_REASONS = {
    StopReason.STANDARD_ERROR: Session.StopReason.STANDARD_ERROR,
    StopReason.MAXIMUM_LENGTH: Session.StopReason.MAX_ITEMS,
    StopReason.NO_ITEM_LEFT: Session.StopReason.NO_ITEMS,
    StopReason.STANDARD_ERROR_GAIN: Session.StopReason.ERROR_GAIN,
    StopReason.THETA_CHANGE: Session.StopReason.THETA_CHANGE,
    StopReason.INFORMATION_LEFT: Session.StopReason.INFORMATION,
    StopReason.CLASSIFIED: Session.StopReason.CLASSIFIED,
    StopReason.TIME: Session.StopReason.TIME,
    StopReason.COMBINATION: Session.StopReason.COMBINATION,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer as it will be stored, and the session as it stands after it.

    A score of None: omitted and left out. `outside`: the vetoes under which the next item was
    chosen; `next_item_id` and `due_selection`, its log, are None and {} after the last answer.
    """

    answer: dict[str, Any]
    score: int | None
    after: Record
    step: Step
    outside: Outside
    next_item_id: int | None
    due_selection: dict[str, Any]


def judge(record: Record, answer: dict[str, Any], received_at: datetime) -> Judged:
    """Take the answer to the due item. Raises InvalidInput for an answer that it cannot have."""
    version_id = cast(int, record.due_item_version_id)
    normalised, score = _score(record, version_id, answer)
    item_id = load_snapshot(record.release_id).item_of[version_id]
    chooser, outside = _chooser(record), record.outside
    before = restore_state(
        chooser.pool,
        chooser.starting,
        log_likelihood=np.frombuffer(record.log_likelihood),
        item_ids=record.administered_items,
        scores=record.scores,
        theta=record.interim_theta,
        standard_error=record.interim_standard_error,
    )
    seconds = (received_at - record.started_at).total_seconds()
    step = chooser.after(before, item_id, score, seconds, outside)
    reported = chooser.reported(step)
    measured = replace(
        record,
        position=record.position + 1,
        theta=float(reported.theta[0]),
        standard_error=float(reported.standard_error[0]),
        level=chooser.level(step, reported),
        interim_theta=float(step.theta[0]),
        interim_standard_error=float(step.standard_error[0]),
        log_likelihood=step.state.log_likelihood[0].tobytes(),
        administered_items=[*record.administered_items, item_id],
        scores=[*record.scores, score],
    )
    return _judged(normalised, score, measured, step, outside, received_at)


def choose_again(judged: Judged, received_at: datetime) -> Judged:
    """The same answer with another next item: the one that was chosen is used up."""
    outside = judged.outside.with_capped(cast(int, judged.next_item_id))
    step = _chooser(judged.after).again(judged.step.state, outside)
    return _judged(judged.answer, judged.score, judged.after, step, outside, received_at)


def _chooser(record: Record) -> Chooser:
    pool = load_pool(record.release_id, record.exposure_table_id)
    return Chooser(pool, load_plan(record.test_version_id).policy, record)


def _judged(
    answer: dict[str, Any],
    score: int | None,
    measured: Record,
    step: Step,
    outside: Outside,
    received_at: datetime,
) -> Judged:
    """The answer with what the step chose or ended."""
    snapshot = load_snapshot(measured.release_id)
    status, stop_reason = _ending(measured, StopReason(int(step.stop[0])), received_at)
    is_open, item = status == Session.Status.OPEN, int(step.item[0])
    after = replace(
        measured,
        status=status,
        stop_reason=stop_reason,
        finished_at=None if is_open else received_at,
        due_item_version_id=snapshot.item_version_at(item) if is_open else None,
        issued_at=received_at if is_open else None,
    )
    return Judged(
        answer=answer,
        score=score,
        after=after,
        step=step,
        outside=outside,
        next_item_id=int(snapshot.pool.item_ids[item]) if is_open else None,
        due_selection=log_of(snapshot.pool, step, outside) if is_open else {},
    )


def normalise(item_version_id: int, answer: dict[str, Any], seed: int) -> dict[str, Any]:
    """The answer to the session of this seed as it is stored. Raises InvalidInput."""
    if answer == OMITTED:
        return answer
    return load_version(item_version_id).check_and_score(answer, seed)[0]


def _score(
    record: Record, version_id: int, answer: dict[str, Any]
) -> tuple[dict[str, Any], int | None]:
    if answer != OMITTED:
        return load_version(version_id).check_and_score(answer, record.seed)
    plan = load_plan(record.test_version_id)
    if not plan.may_omit:
        raise InvalidInput("omit_refused", _("This test does not allow omitting an item."))
    left_out = plan.omit_policy == TestVersion.OmitPolicy.LEFT_OUT
    return OMITTED, None if left_out else 0


def _ending(record: Record, stop: StopReason, received_at: datetime) -> tuple[str, str]:
    """Status and stop reason after an answer; nothing is issued once the deadline has come."""
    if stop != StopReason.CONTINUE:
        return Session.Status.FINISHED.value, STOP_REASONS[stop].value
    if record.deadline is not None and received_at >= record.deadline:
        return Session.Status.EXPIRED.value, Session.StopReason.TIME.value
    return Session.Status.OPEN.value, ""
