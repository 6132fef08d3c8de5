"""What a new session is pinned to, and until when it lasts."""

import secrets
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from items.errors import Conflict, InvalidInput
from items.models import Bank, BankRelease, ReleasedItem
from scoring.irt import start
from sessions.models import Examinee, Session, Test, TestVersion
from sessions.snapshot import load_snapshot, plan_of


def prepare_session(
    examinee: Examinee, test: Test, now: datetime, language: str | None = None
) -> Session:
    """An unsaved session with its first item, pinned to the newest test version and release.

    Raises InvalidInput for a language that the bank lacks and Conflict where nothing may be
    administered now.
    """
    version, release = _current(test)
    _require_window(version, now)
    spoken = _language(examinee, test.bank, language)
    snapshot, seed = load_snapshot(release.pk), secrets.randbits(63)
    withdrawn = snapshot.pool.mask(withdrawn_items(release))
    step = start(snapshot.pool, plan_of(version).policy, seed, excluded=withdrawn)
    if int(step.item[0]) < 0:
        message = _("Nothing can be asked: the bank's release has no operational item.")
        raise Conflict("no_items", message)
    return Session(
        examinee=examinee,
        test=test,
        test_version=version,
        release=release,
        seed=seed,
        language=spoken,
        started_at=now,
        deadline=deadline_of(version, examinee.time_multiplier, now),
        due_item_version_id=snapshot.item_version_at(int(step.item[0])),
        issued_at=now,
        theta=float(step.theta[0]),
        standard_error=float(step.standard_error[0]),
        log_likelihood=step.state.log_likelihood[0].tobytes(),
    )


def deadline_of(version: TestVersion, multiplier: float, start_at: datetime) -> datetime | None:
    """min(start + limit * accommodation, end of the window); None: without limit."""
    ends = [] if version.window_end is None else [version.window_end]
    if version.time_limit is not None:
        ends.append(start_at + timedelta(seconds=version.time_limit * multiplier))
    return min(ends, default=None)


def withdrawn_items(release: BankRelease) -> list[int]:
    """Items whose version in the release was withdrawn."""
    released = ReleasedItem.objects.filter(
        release=release, item_version__withdrawn_at__isnull=False
    )
    return list(released.values_list("item_id", flat=True))


def _current(test: Test) -> tuple[TestVersion, BankRelease]:
    version, release = test.current_version, test.bank.current_release
    if version is None:
        raise Conflict("no_version", _("This test has no version yet; create one first."))
    if release is None:
        raise Conflict("no_release", _("This test's bank has no published release yet."))
    return version, release


def _require_window(version: TestVersion, now: datetime) -> None:
    if version.window_start is not None and now < version.window_start:
        raise Conflict("not_yet_open", _("This test is not open yet."))
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
