"""The demo: two banks with simulated answers, calibrated here and now, and people to sign in.

Every step looks first whether it is done, so that an interrupted load is finished by the next.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet

from common.errors import Conflict
from demo.bank.arrangements import arrangement_items
from demo.bank.content import LANGUAGES, MATHEMATICS_AREAS, WELLBEING_AREAS, DemoArea, DemoItem
from demo.bank.generate import mathematics_items
from demo.bank.logins import LOGINS
from demo.bank.questionnaire import wellbeing_items
from demo.bank.simulate import simulate_responses
from demo.classroom import ensure_class
from demo.pretest import record_pretest
from items.exchange.importing import import_items
from items.models import Bank, BankRelease, ContentArea, ReleasedItem, Role, Status
from items.releases import open_draft, publish
from scoring.models import CalibrationRun
from scoring.recalibration.execution import execute
from scoring.recalibration.requests import publish_run, request_run
from sessions.models import Test
from sessions.rules.specification import create_test_version
from sessions.simulation.execution import execute as execute_simulation
from sessions.simulation.gate import open_test
from sessions.simulation.requests import request_simulation

Text = dict[str, str]


@dataclass(frozen=True)
class DemoTest:
    """A bank and the test that students take from it."""

    slug: str
    name: str
    areas: tuple[DemoArea, ...]
    test: str
    title: Text
    instructions: Text
    settings: dict[str, Any]


MATHEMATICS = DemoTest(
    slug="mathematics",
    name="Mathematics placement",
    areas=MATHEMATICS_AREAS,
    test="mathematics-placement",
    title={"en": "Mathematics placement", "ko": "수학 배치 평가"},
    instructions={
        "en": "You get one question at a time. Each answer decides which question comes next, so "
        "questions become harder when you succeed and easier when you do not. You cannot go back. "
        "Paper and pencil are allowed, a calculator is not.",
        "ko": "문제는 한 번에 하나씩 나옵니다. 답에 따라 다음 문제가 정해지므로 맞히면 더 어려운 "
        "문제가, 틀리면 더 쉬운 문제가 나옵니다. 이전 문제로 돌아갈 수 없습니다. 종이와 연필은 "
        "사용할 수 있지만 계산기는 사용할 수 없습니다.",
    },
    settings={
        "min_items": 10,
        "max_items": 20,
        "stopping_rule": {"standard_error": {"at_most": 0.33}},
        "randomesque": 5,
        "blueprint": {
            "areas": [
                {"area": area.code, "min": 2, "max": 6} for area in MATHEMATICS_AREAS if area.parent
            ]
        },
        "time_limit": 3600,
        "scale_decimals": 0,
        "scale_floor": 200.0,
        "scale_ceiling": 800.0,
        "cut_scores": [-0.75, 0.75],
        "level_names": [
            {"en": "Foundation course", "ko": "기초 과정"},
            {"en": "Standard course", "ko": "표준 과정"},
            {"en": "Advanced course", "ko": "심화 과정"},
        ],
    },
)
WELLBEING = DemoTest(
    slug="wellbeing",
    name="Wellbeing questionnaire",
    areas=WELLBEING_AREAS,
    test="wellbeing",
    title={"en": "Wellbeing questionnaire", "ko": "마음 건강 설문"},
    instructions={
        "en": "Think of the past month. There are no right or wrong answers.",
        "ko": "지난 한 달을 떠올려 보세요. 맞는 답이나 틀린 답은 없습니다.",
    },
    settings={
        "min_items": 6,
        "max_items": 12,
        "stopping_rule": {"standard_error": {"at_most": 0.32}},
        "randomesque": 1,
        "scale_mean": 50.0,
        "scale_sd": 10.0,
        "omit_policy": "left_out",
    },
)


def load() -> None:
    """Bring the demo to its full state. Safe to repeat.

    Raises Conflict `not_a_demo` for a database that other people use.
    """
    _require_demo_database()
    ensure_logins()
    mathematics = mathematics_items() + arrangement_items()
    for demo, items in ((MATHEMATICS, mathematics), (WELLBEING, wellbeing_items())):
        bank = ensure_pretest(demo, items)
        ensure_calibrated(bank)
        ensure_open(ensure_test(demo, bank))
    ensure_class(Test.objects.get(slug=MATHEMATICS.test), mathematics)


def _require_demo_database() -> None:
    """Logins with known passwords do not belong into a database that is in use."""
    others = get_user_model().objects.exclude(username__in=[login.username for login in LOGINS])
    if others.exists() and not Bank.objects.filter(slug=MATHEMATICS.slug).exists():
        raise Conflict(
            "not_a_demo",
            "This database has users of its own, and the demo would add logins with known "
            "passwords. Point DATABASE_URL at an empty database.",
        )


@transaction.atomic
def ensure_logins() -> None:
    users = get_user_model().objects
    for login in LOGINS:
        if users.filter(username=login.username).exists():
            continue
        user = users.create_user(login.username, password=login.password)
        if login.role == "student":
            continue
        user.groups.add(Group.objects.get(name=login.role))
        user.is_staff = login.role != "teacher"
        user.is_superuser = login.role == "admin"
        user.save(update_fields=["is_staff", "is_superuser"])


@transaction.atomic
def ensure_pretest(demo: DemoTest, items: Sequence[DemoItem]) -> Bank:
    """The bank with release 1, in which every item is pretest, and the answers given to it."""
    existing = Bank.objects.filter(slug=demo.slug).first()
    if existing:
        return existing
    author = get_user_model().objects.get(username="author")
    bank = Bank.objects.create(slug=demo.slug, name=demo.name, languages=list(LANGUAGES))
    _create_areas(bank, demo.areas)
    document = document_of(items)
    import_items(bank, document, file_format="json", actor=author, reason="The demo items")
    release = publish(open_draft(bank, author), author, "Pretest of the demo items")
    versions = {row.item.code: row.item_version for row in _released(release)}
    record_pretest(
        release, items, [versions[item.code] for item in items], simulate_responses(items)
    )
    return bank


def _released(release: BankRelease) -> QuerySet[ReleasedItem]:
    return release.released_items.select_related("item", "item_version")


def _create_areas(bank: Bank, areas: Sequence[DemoArea]) -> None:
    created: dict[str, ContentArea] = {}
    for area in areas:
        parent = created[area.parent] if area.parent else None
        created[area.code] = ContentArea.objects.create(
            bank=bank, parent=parent, code=area.code, name=area.name
        )


def document_of(items: Sequence[DemoItem]) -> bytes:
    """The items as a JSON file of docs/import-format.md, ready for their pretest."""
    rows = [
        {
            "code": item.code,
            "status": Status.PRETEST.value,
            "area": item.area,
            "kind": item.response_kind,
            "stem": item.stem,
            "options": [asdict(option) for option in item.options],
            "rules": [
                {"lower": float(lower), "upper": float(upper), "score": score}
                for lower, upper, score in item.rules
            ],
            "rationale": item.rationale,
        }
        for item in items
    ]
    return json.dumps({"items": rows}).encode()


def ensure_calibrated(bank: Bank) -> BankRelease:
    """The first operational release: our own calibration of the simulated answers."""
    current = bank.current_release
    if current and current.released_items.filter(role=Role.OPERATIONAL).exists():
        return current
    operator = get_user_model().objects.get(username="operator")
    run = request_run(bank, operator, for_worker=False)
    execute(run.pk)
    run.refresh_from_db()
    if run.status != CalibrationRun.Status.SUCCEEDED:
        raise RuntimeError(f"The demo bank {bank.slug} could not be calibrated: {run.error}")
    return publish_run(run, operator, "First calibration of the demo bank")


@transaction.atomic
def ensure_test(demo: DemoTest, bank: Bank) -> Test:
    existing = Test.objects.filter(slug=demo.test).first()
    if existing:
        return existing
    operator = get_user_model().objects.get(username="operator")
    test = Test.objects.create(
        slug=demo.test, bank=bank, title=demo.title, instructions=demo.instructions
    )
    create_test_version(test, operator, **demo.settings)
    return test


def ensure_open(test: Test) -> None:
    """Simulate the test's version and open it, the first time; who closes it later is obeyed."""
    version = test.current_version
    if version is None or version.simulations.passed().exists():
        return
    operator = get_user_model().objects.get(username="operator")
    run = request_simulation(version, None, operator, for_worker=False)
    execute_simulation(run.pk)
    open_test(test, operator)
