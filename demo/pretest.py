"""The simulated pretest of the demo banks, stored as sessions and responses like any other."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid5

import numpy as np
from django.db import connection
from django.utils import timezone
from psycopg.types.json import Jsonb

from demo.bank.content import DemoItem
from demo.bank.simulate import Answer, SimulatedResponses
from items.kinds.registry import kind_of
from items.models import BankRelease, ItemVersion
from sessions.models import Examinee, Response, Session, Test, TestVersion
from sessions.snapshot import GRID

NAMESPACE = UUID("6f1c9a52-2f0e-4a57-9d0b-5f4b3e0f7c11")
PRETEST_DAYS = 60
SECONDS_AN_ITEM = 40


def record_pretest(
    release: BankRelease,
    items: Sequence[DemoItem],
    versions: Sequence[ItemVersion],
    simulated: SimulatedResponses,
) -> None:
    """Write one finished session for each simulated examinee, pinned to the pretest release.

    Nothing counts in a pretest, so θ and its standard error stay those of the prior.
    """
    bank = release.bank
    test = Test.objects.create(
        slug=f"{bank.slug}-pretest", bank=bank, title={"en": f"{bank.name}: pretest"}
    )
    longest = int(np.bincount(simulated.person).max())
    now = timezone.now()
    # Nothing is selected in it, so that none of the rules for delivery have to hold.
    version = TestVersion.objects.create(
        test=test, number=1, min_items=longest, max_items=longest, window_end=now
    )
    examinees = Examinee.objects.bulk_create(
        Examinee(external_id=f"simulated-{bank.slug}-{n:04d}") for n in range(len(simulated.theta))
    )
    bounds = np.searchsorted(simulated.person, np.arange(len(examinees) + 1))
    forms = [slice(first, end) for first, end in pairwise(bounds.tolist())]
    sessions = []
    for number, (examinee, form) in enumerate(zip(examinees, forms, strict=True)):
        length = form.stop - form.start
        started = _started_at(now, number, len(examinees))
        sessions.append(
            Session(
                id=uuid5(NAMESPACE, examinee.external_id),
                examinee=examinee,
                test=test,
                test_version=version,
                release=release,
                source=Session.Source.SIMULATED,
                seed=number,
                status=Session.Status.FINISHED,
                stop_reason=Session.StopReason.FIXED_FORM,
                started_at=started,
                finished_at=started + timedelta(seconds=SECONDS_AN_ITEM * length),
                position=length,
                theta=version.prior_mean,
                standard_error=version.prior_sd,
                log_likelihood=np.zeros(len(GRID.nodes)).tobytes(),
                administered_items=[versions[i].item_id for i in simulated.item[form]],
                scores=simulated.score[form].tolist(),
            )
        )
    Session.objects.bulk_create(sessions, batch_size=500)
    _copy_responses(sessions, items, versions, simulated, forms)
    _tell_the_planner()


def _started_at(now: datetime, number: int, total: int) -> datetime:
    return now - timedelta(days=PRETEST_DAYS * (1 - number / total), hours=2)


def _tell_the_planner() -> None:
    """Statistics for the many new rows; autovacuum would come too late for the calibration."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {Session._meta.db_table}, {Response._meta.db_table}")


def _copy_responses(
    sessions: Sequence[Session],
    items: Sequence[DemoItem],
    versions: Sequence[ItemVersion],
    simulated: SimulatedResponses,
    forms: Sequence[slice],
) -> None:
    columns = (
        "session_id, position, item_id, item_version_id, answer, score, theta, standard_error, "
        "issued_at, received_at, client_seconds, selection, reply_status, reply"
    )
    statement = f"COPY {Response._meta.db_table} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for session, form in zip(sessions, forms, strict=True):
            for position, row in enumerate(range(form.start, form.stop), start=1):
                place = int(simulated.item[row])
                issued = session.started_at + timedelta(seconds=SECONDS_AN_ITEM * (position - 1))
                copy.write_row(
                    (
                        session.id,
                        position,
                        versions[place].item_id,
                        versions[place].pk,
                        Jsonb(stored_answer(items[place], simulated.answers[row])),
                        int(simulated.score[row]),
                        session.theta,
                        session.standard_error,
                        issued,
                        issued + timedelta(seconds=SECONDS_AN_ITEM),
                        float(SECONDS_AN_ITEM),
                        Jsonb({}),
                        200,
                        b"",
                    )
                )


def stored_answer(item: DemoItem, answer: Answer) -> dict[str, Any]:
    """A simulated answer in the form that `items.answers` stores."""
    if isinstance(answer, Decimal):
        return {"number": str(answer)}
    places = [place + 1 for place in answer]
    member = kind_of(item.response_kind).answer_member
    return {"option": places[0]} if member == "option" else {member: places}
