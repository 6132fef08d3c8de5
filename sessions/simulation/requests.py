"""What people and releases do with simulations: request, queue for the open tests."""

from dataclasses import dataclass
from typing import Any

import structlog
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from common.errors import Conflict, DomainError, InvalidInput
from common.runs.queue import enqueue_on_commit
from items.models import BankRelease
from sessions.models import Simulation, Test, TestVersion

logger = structlog.get_logger("irtcat.simulation")

EXAMINEES = 1000
# Where the test is looked at by theta: population mean + SD * each of these.
STANDARD_POINTS = tuple(half / 2 for half in range(-6, 7))
# At each point, a tenth of the examinees of the population, and no fewer than these.
SHARE_PER_POINT, FEWEST_PER_POINT = 10, 50
WISHED = {"examinees", "seed", "theta_mean", "theta_sd", "points", "per_point"}
NOT_WISHED = {field.name for field in Simulation._meta.fields} - WISHED


@dataclass(frozen=True)
class SimulationSettings:
    """Who takes the test; the population is the version's prior, unless it is given."""

    examinees: int = EXAMINEES
    seed: int = 1
    theta_mean: float | None = None
    theta_sd: float | None = None
    points: tuple[float, ...] = ()
    per_point: int | None = None
    comparison: TestVersion | None = None


def request_simulation(
    version: TestVersion,
    release: BankRelease | None,
    actor: Any,
    settings: SimulationSettings | None = None,
    *,
    for_worker: bool = True,
) -> Simulation:
    """Queue a simulation of the version on the release, None for the bank's current one.

    A worker gets its task on commit, unless the caller executes it itself. Raises Conflict
    `no_release` and InvalidInput `wrong_bank`, `invalid_settings`.
    """
    run = unsaved_simulation(version, release, actor, settings)
    run.save(force_insert=True)
    if for_worker:
        enqueue_on_commit(run)
    return run


def unsaved_simulation(
    version: TestVersion,
    release: BankRelease | None,
    actor: Any,
    settings: SimulationSettings | None = None,
) -> Simulation:
    """The simulation as it would be queued. Raises as `request_simulation`."""
    wanted = settings or SimulationSettings()
    mean = version.prior_mean if wanted.theta_mean is None else wanted.theta_mean
    sd = version.prior_sd if wanted.theta_sd is None else wanted.theta_sd
    a_tenth = max(FEWEST_PER_POINT, wanted.examinees // SHARE_PER_POINT)
    run = Simulation(
        test_version=version,
        release=release or current_release(version.test),
        comparison=wanted.comparison,
        examinees=wanted.examinees,
        seed=wanted.seed,
        theta_mean=mean,
        theta_sd=sd,
        points=sorted(set(wanted.points)) or [round(mean + sd * z, 6) for z in STANDARD_POINTS],
        per_point=a_tenth if wanted.per_point is None else wanted.per_point,
        requested_by=actor,
    )
    _require_one_bank(run)
    try:
        run.clean_fields(exclude=NOT_WISHED)
        run.validate_constraints()
    except ValidationError as exc:
        raise InvalidInput("invalid_settings", " ".join(exc.messages)) from exc
    return run


def current_release(test: Test) -> BankRelease:
    """The current release of the test's bank. Raises Conflict `no_release` when it has none."""
    release = test.bank.current_release
    if release is None:
        raise Conflict(
            "no_release",
            _("Bank %(bank)s has no published release yet: publish one, then simulate the test.")
            % {"bank": test.bank.slug},
        )
    return release


def simulate_open_tests(release: BankRelease, actor: Any) -> list[Simulation]:
    """Queue a simulation of what each open test of the bank delivers, on its new release.

    A version that cannot be simulated as it is does not hold up the release; the log names it.
    """
    queued = []
    for test in Test.objects.filter(bank=release.bank_id, is_open=True).order_by("pk"):
        version = test.deliverable_version
        if version is None:
            continue
        try:
            queued.append(request_simulation(version, release, actor))
        except DomainError as exc:
            logger.warning("simulation not queued", version=str(version), reason=exc.message)
    return queued


def _require_one_bank(run: Simulation) -> None:
    bank_id = run.test_version.test.bank_id
    if run.release.bank_id != bank_id or run.release.is_draft:
        message = _("The release must be a published one of the test's bank.")
        raise InvalidInput("wrong_bank", message, field="release")
    if run.comparison is not None and run.comparison.test.bank_id != bank_id:
        message = _("Compare with a version of a test on the same bank.")
        raise InvalidInput("wrong_bank", message, field="comparison")
