"""Banks with a published release and finished sessions in bulk, for calibration runs."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from django.db import connection
from django.utils import timezone

from irt.models.parameters import POLYTOMOUS, ItemParameters, Model
from irt.simulation.responses import simulate_responses
from items.item_parameters import Parameters
from items.models import Bank, BankRelease, Role
from items.releases import open_draft
from scoring.models import CalibrationRun
from scoring.recalibration.execution import execute
from scoring.recalibration.requests import RunSettings, request_run
from sessions.models import Examinee, Session, Test, TestVersion
from tests.factories import (
    likert_content,
    make_bank,
    numeric_content,
    release_items,
    write_items,
)


def two_pl(n_items: int, seed: int = 1, spread: float = 1.2) -> ItemParameters:
    rng = np.random.default_rng(seed)
    a = rng.lognormal(0.1, 0.25, n_items)
    b = np.linspace(-2, 2, n_items) * spread / 1.2
    return ItemParameters.from_rows(
        [(Model.TWO_PL, x, y, 0.0, 1.0) for x, y in zip(a, b, strict=True)]
    )


def build_bank(parameters: ItemParameters, *, role: Role = Role.OPERATIONAL, slug: str = "maths"):
    """A bank whose release 1 holds every item in `role`; pretest items come without parameters."""
    bank = make_bank(slug)
    steps = [row[np.isfinite(row)].tolist() for row in parameters.difficulty]
    contents = {
        f"I{j:03d}": likert_content(bank, f"Question {j}", categories=len(own) + 1)
        if parameters.model[j] in POLYTOMOUS
        else numeric_content(bank, f"Question {j}")
        for j, own in enumerate(steps)
    }
    models = [str(model) for model in parameters.model]
    written = [
        Parameters(model, float(a), tuple(own), float(c), float(d))
        if role == Role.OPERATIONAL
        else None
        for model, a, own, c, d in zip(
            models,
            parameters.discrimination,
            steps,
            parameters.lower_asymptote,
            parameters.upper_asymptote,
            strict=True,
        )
    ]
    versions = zip(write_items(bank, contents), written, strict=True)
    return bank, release_items(bank, versions, dict(zip(contents, models, strict=True)))


def copy_release(release: BankRelease, *, without: tuple[int, ...] = ()) -> BankRelease:
    """A draft with what the current release holds, without the item versions named."""
    draft = open_draft(release.bank, None)
    draft.released_items.filter(item_version__in=without).delete()
    return draft


def finished_run(bank: Bank, **settings) -> CalibrationRun:
    """A run that was requested and executed in this process."""
    run = request_run(bank, None, RunSettings(**settings), for_worker=False)
    execute(run.pk)
    run.refresh_from_db()
    return run


def simulate_sessions(
    release: BankRelease,
    truth: ItemParameters,
    theta: np.ndarray,
    *,
    seed: int = 1,
    items_each: int | None = None,
    given: Sequence[Sequence[int]] = (),
    finished_at: datetime | None = None,
    label: str = "",
) -> None:
    """One finished session an ability, each with `items_each` random items of the release.

    Else with those that `given` says, the places of the items of each session in turn.
    truth (J,) is in the order of the release's items.
    """
    rng = np.random.default_rng(seed)
    rows = list(release.released_items.order_by("item_id"))
    scores = simulate_responses(truth, theta, rng)
    test, version = _test(release.bank)
    moment = finished_at or timezone.now() - timedelta(hours=1)
    prefix = f"{release.bank.slug}-{label}{seed}"
    examinees = Examinee.objects.bulk_create(
        Examinee(external_id=f"{prefix}-{n}") for n in range(len(theta))
    )
    sessions = Session.objects.bulk_create(
        Session(
            examinee=examinee,
            test=test,
            test_version=version,
            release=release,
            source=Session.Source.SIMULATED,
            seed=n,
            status=Session.Status.FINISHED,
            started_at=moment,
            finished_at=moment,
            theta=0.0,
            standard_error=1.0,
            log_likelihood=b"",
        )
        for n, examinee in enumerate(examinees)
    )
    forms = given or [rng.permutation(len(rows))[:items_each] for _ in sessions]
    _copy_responses(
        (session.pk, position, rows[j].item_id, rows[j].item_version_id, int(scores[n, j]), moment)
        for n, session in enumerate(sessions)
        for position, j in enumerate(forms[n], start=1)
    )


def _copy_responses(rows) -> None:
    """COPY takes a tenth of the time of bulk_create."""
    columns = (
        "session_id, position, item_id, item_version_id, score, issued_at, received_at, "
        "answer, selection, theta, standard_error, reply_status, reply"
    )
    command = f"COPY cat_sessions_response ({columns}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(command) as copy:
        for *row, moment in rows:
            copy.write_row((*row, moment, moment, "{}", "{}", 0.0, 1.0, 200, b""))


def _test(bank: Bank) -> tuple[Test, TestVersion]:
    test, _ = Test.objects.get_or_create(slug=bank.slug, bank=bank, title={"en": bank.name})
    version, _ = TestVersion.objects.get_or_create(test=test, number=1)
    return test, version
