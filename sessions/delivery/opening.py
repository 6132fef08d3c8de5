"""What a new session is pinned to, and until when it lasts."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import Conflict, InvalidInput
from items.models import Bank, BankRelease
from sessions.delivery import starting_data
from sessions.delivery.engine import Chooser, Outside
from sessions.delivery.exposure_counts import capped_items, count_issue, count_start
from sessions.delivery.plan import Plan, plan_of
from sessions.delivery.selection_log import log_of
from sessions.models import Examinee, Session, Test, TestVersion
from sessions.snapshot import Snapshot, load_pool, load_snapshot, withdrawn_items


@dataclass(frozen=True, slots=True)
class Prepared:
    """An unsaved session, what it is pinned to, and the vetoes under which its first item is
    chosen."""

    session: Session
    plan: Plan
    snapshot: Snapshot
    chooser: Chooser
    outside: Outside

    @property
    def first_item_id(self) -> int:
        return self.snapshot.item_of[cast(int, self.session.due_item_version_id)]


def prepare_session(
    examinee: Examinee, test: Test, now: datetime, language: str | None = None
) -> Prepared:
    """A session with its first item, pinned to the newest simulated test version and the newest
    release.

    Raises InvalidInput for a language that the bank lacks and Conflict where nothing may be
    administered now.
    """
    version, release = _require_deliverable(test)
    _require_window(version, now)
    spoken = _language(examinee, test.bank, language)
    seed = secrets.randbits(63)
    table = starting_data.exposure_table_id(version)
    plan, snapshot, pool = plan_of(version), load_snapshot(release.pk), load_pool(release.pk, table)
    prior_mean, prior_sd = starting_data.prior_of(version, examinee)
    seen = starting_data.seen_items(version, examinee, test.bank_id, now)
    session = Session(
        examinee=examinee,
        test=test,
        test_version=version,
        release=release,
        seed=seed,
        language=spoken,
        started_at=now,
        deadline=deadline_of(version, examinee.time_multiplier, now),
        issued_at=now,
        prior_mean=prior_mean,
        prior_sd=prior_sd,
        start_theta=starting_data.carried_theta(version, examinee, test.bank_id),
        seen_items=seen,
        ineligible_items=starting_data.withheld_items(version, pool, plan.policy, seed),
        pretest_items=starting_data.pretest_shortlist(version, release, seen, seed),
        exposure_table_id=table,
    )
    outside = Outside(tuple(withdrawn_items(release)), tuple(capped_items(version)))
    chooser = Chooser(pool, plan.policy, session)
    prepared = Prepared(session, plan, snapshot, chooser, outside)
    _choose_first_item(prepared)
    return prepared


def insert_session(prepared: Prepared) -> bool:
    """Save a prepared session and count its first item; False where another start was faster.

    Of many starts at once one inserts; the constraint silences the others, who read again. Raises
    Conflict where others used up the last items in the meantime.
    """
    session = prepared.session
    if not prepared.plan.counts_exposure:
        return _insert(session)
    with transaction.atomic():
        count_start(session.test_id, session.ineligible_items)
        while not count_issue(session.test_version, prepared.first_item_id):
            outside = prepared.outside.cap(prepared.first_item_id)
            prepared = replace(prepared, outside=outside)
            _choose_first_item(prepared)
        won = _insert(session)
        transaction.set_rollback(not won)
    return won


def _choose_first_item(prepared: Prepared) -> None:
    """Give the unsaved session its first item. Raises Conflict `no_items`."""
    session, chooser, outside = prepared.session, prepared.chooser, prepared.outside
    step = chooser.choose_first(outside)
    item = int(step.item[0])
    if item < 0:
        message = _(
            "Nothing can be asked: the bank's release has no operational item that may be given."
        )
        raise Conflict("no_items", message)
    reported = chooser.estimate_reported(step)
    session.due_item_version_id = prepared.snapshot.item_version_at(item)
    session.due_selection = log_of(chooser.pool, step, outside)
    session.theta = float(reported.theta[0])
    session.standard_error = float(reported.standard_error[0])
    session.level = chooser.level(step, reported)
    session.interim_theta = float(step.theta[0])
    session.interim_standard_error = float(step.standard_error[0])
    session.log_likelihood = step.state.log_likelihood[0].tobytes()


def _insert(session: Session) -> bool:
    Session.objects.bulk_create([session], ignore_conflicts=True)
    return Session.objects.filter(pk=session.pk).exists()


def deadline_of(version: TestVersion, multiplier: float, start_at: datetime) -> datetime | None:
    """min(start + limit * accommodation, end of the window); None: without limit."""
    ends = [] if version.window_end is None else [version.window_end]
    if version.time_limit is not None:
        ends.append(start_at + timedelta(seconds=version.time_limit * multiplier))
    return min(ends, default=None)


def _require_deliverable(test: Test) -> tuple[TestVersion, BankRelease]:
    version, release = test.deliverable_version, test.bank.current_release
    if version is None and test.current_version is None:
        raise Conflict("no_version", _("This test has no version yet; create one first."))
    if release is None:
        raise Conflict("no_release", _("This test's bank has no published release yet."))
    if version is None:
        message = _("No version of this test was simulated yet: simulate it, then it can be given.")
        raise Conflict("not_simulated", message)
    return version, release


def _require_window(version: TestVersion, now: datetime) -> None:
    if version.window_start is not None and now < version.window_start:
        raise Conflict("not_yet_open", _("This test is not open yet."))
    require_not_closed(version, now)


def require_not_closed(version: TestVersion, now: datetime) -> None:
    """Raise Conflict `closed` for a test whose window is over."""
    if version.window_end is not None and now >= version.window_end:
        raise Conflict("closed", _("This test is closed."))


def _language(examinee: Examinee, bank: Bank, asked: str | None) -> str:
    """The language asked for, else the examinee's, else the bank's first."""
    if asked is not None and asked not in bank.languages:
        message = _("The test is not available in “%(asked)s”, only in: %(known)s.") % {
            "asked": asked,
            "known": ", ".join(bank.languages),
        }
        raise InvalidInput("unknown_language", message, languages=bank.languages)
    if asked is not None:
        return asked
    if examinee.language in bank.languages:
        return examinee.language
    return next(iter(bank.languages), "en")
