"""The step between reading and writing an answer: score it, measure, choose the next item.

Pure functions of what was read and of what is in memory; the engine is called with a batch of one.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

import numpy as np
from django.utils import translation
from django.utils.translation import gettext as _

from common.errors import InvalidInput
from irt.adaptive import Step
from irt.policy.stopping_rules import StopReason
from irt.state import restore_state
from sessions.delivery.engine import Outside
from sessions.delivery.live_session import LiveSession
from sessions.delivery.record import Move, Record
from sessions.delivery.selection_log import log_of
from sessions.models import Session, TestVersion
from sessions.snapshot import load_version

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
    """An answer as it will be stored, and what the session becomes by it.

    A score of None: omitted and left out. `outside`: the vetoes under which `step` chose the next
    item.
    """

    answer: dict[str, Any]
    score: int | None
    move: Move
    step: Step
    outside: Outside


def judge(live: LiveSession, answer: dict[str, Any], received_at: datetime) -> Judged:
    """Take the answer to the due item. Raises InvalidInput for an answer that it cannot have."""
    record, chooser = live.record, live.chooser
    version_id = cast(int, record.due_item_version_id)
    normalized, score = _score(live, version_id, answer)
    item_id = live.snapshot.item_of[version_id]
    before = restore_state(
        chooser.pool,
        chooser.examinee,
        log_likelihood=np.frombuffer(record.log_likelihood),
        item_ids=record.administered_items,
        scores=record.scores,
        theta=record.interim_theta,
        standard_error=record.interim_standard_error,
    )
    seconds = (received_at - record.started_at).total_seconds()
    step = chooser.choose_after(before, item_id, score, seconds, record.outside)
    reported = chooser.estimate_reported(step)
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
    move = _move(live, measured, step, record.outside, received_at)
    return Judged(normalized, score, move, step, record.outside)


def choose_again(live: LiveSession, judged: Judged, received_at: datetime) -> Judged:
    """The same answer with another next item: the one that was chosen is used up."""
    outside = judged.outside.cap(cast(int, judged.move.counted_item_id))
    step = live.chooser.choose_again(judged.step.state, outside)
    move = _move(live, judged.move.after, step, outside, received_at)
    return replace(judged, move=move, step=step, outside=outside)


def _move(
    live: LiveSession, measured: Record, step: Step, outside: Outside, received_at: datetime
) -> Move:
    """From the session as it was read to one that gives what the step chose, or has ended."""
    status, stop_reason = _ending(measured, StopReason(int(step.stop[0])), received_at)
    is_open, item = status == Session.Status.OPEN, int(step.item[0])
    after = replace(
        measured,
        status=status,
        stop_reason=stop_reason,
        finished_at=None if is_open else measured.end_at(received_at),
        due_item_version_id=live.snapshot.item_version_at(item) if is_open else None,
        issued_at=received_at if is_open else None,
    )
    is_counted = is_open and live.plan.counts_exposure
    return Move(
        before=live.record,
        after=after,
        due_selection=log_of(live.pool, step, outside) if is_open else {},
        counted_item_id=int(live.pool.item_ids[item]) if is_counted else None,
    )


def normalize(item_version_id: int, answer: dict[str, Any], seed: int) -> dict[str, Any]:
    """The answer to the session of this seed as it is stored. Raises InvalidInput."""
    if answer == OMITTED:
        return answer
    return load_version(item_version_id).check_and_score(answer, seed)[0]


def _score(
    live: LiveSession, version_id: int, answer: dict[str, Any]
) -> tuple[dict[str, Any], int | None]:
    if answer != OMITTED:
        # A refusal is read beside the question, whatever the browser's own language is.
        with translation.override(live.record.language):
            return load_version(version_id).check_and_score(answer, live.record.seed)
    if not live.plan.may_omit:
        raise InvalidInput("omit_refused", _("This test does not allow omitting an item."))
    left_out = live.plan.omit_policy == TestVersion.OmitPolicy.LEFT_OUT
    return OMITTED, None if left_out else 0


def _ending(record: Record, stop: StopReason, received_at: datetime) -> tuple[str, str]:
    """Status and stop reason after an answer; nothing is issued once the deadline has come."""
    if stop != StopReason.CONTINUE:
        return Session.Status.FINISHED.value, STOP_REASONS[stop].value
    if record.has_run_out(received_at):
        return Session.Status.EXPIRED.value, Session.StopReason.TIME.value
    return Session.Status.OPEN.value, ""
