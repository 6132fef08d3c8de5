"""A small bank with its tests, and people who take them, so that each test says what it needs."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils import timezone

from common.audit import AuditEntry
from items.content import Content, OptionContent
from items.enemies import set_groups
from items.item_parameters import Parameters
from items.models import Bank, ContentArea, Option
from sessions.models import Examinee, ExamineeGroup, Simulation, Test, TestVersion
from sessions.people.tickets import issue_ticket, redeem_ticket
from tests import factories
from tests.factories import make_user, release_items, write_items

CANARY_NOTE = "canary-note-4711"
CANARY_RATIONALE = "canary-rationale-4711"
CANARY_CODE = "canary-code-4711"
CANARY_DISCRIMINATION = 1.2345678
N_OPTIONS = 4


def key_of(version_id: int) -> int:
    """The position of the key."""
    return Option.objects.get(item_version=version_id, score=1).position


def make_bank(
    n_items: int = 20,
    slug: str = "math",
    *,
    areas: Sequence[str] = ("all",),
    n_pretest: int = 0,
    enemies: Sequence[int] = (),
) -> Bank:
    """A bank with one published release of dichotomous 2PL items, b from -2 to 2.

    The items take turns in the areas; those at the places `enemies` are one group of enemies.
    """
    bank = factories.make_bank(slug, ("en", "ko"), areas, name=slug)
    places = [bank.areas.get(code=code) for code in areas]
    contents = {
        f"{CANARY_CODE}-{index:03}": question(
            places[index % len(places) if index < n_items else 0], index, key=1 + index % N_OPTIONS
        )
        for index in range(n_items + n_pretest)
    }
    versions = write_items(bank, contents)
    set_groups(bank, {versions[index].item: ["pair"] for index in enemies}, None, "for a test")
    parameters: list[Parameters | None] = [
        Parameters("2pl", CANARY_DISCRIMINATION, (float(difficulty),))
        for difficulty in np.linspace(-2, 2, n_items)
    ]
    pretest: list[Parameters | None] = [None] * n_pretest
    models = dict.fromkeys(contents, "2pl")
    release_items(bank, zip(versions, parameters + pretest, strict=True), models)
    return bank


def question(area: ContentArea, number: int, key: int) -> Content:
    """A question with texts that no examinee may see: its rationale and the options' notes."""
    return Content(
        area=area,
        response_kind="single_choice",
        stem={"en": f"Stem of question {number:03}", "ko": f"{number:03}번 문항"},
        rationale={"en": CANARY_RATIONALE},
        options=tuple(
            OptionContent(
                {"en": f"Option {position}", "ko": f"보기 {position}"},
                score=int(position == key),
                note=CANARY_NOTE,
            )
            for position in range(1, N_OPTIONS + 1)
        ),
    )


def make_test(
    bank: Bank, slug: str = "placement", *, is_open: bool = True, **settings: Any
) -> Test:
    test = Test.objects.create(
        slug=slug, bank=bank, title={"en": "Placement", "ko": "배치고사"}, is_open=is_open
    )
    version = TestVersion.objects.create(
        test=test, number=1, **{"min_items": 3, "max_items": 8, "randomesque": 3, **settings}
    )
    pass_simulation(version)
    return test


def pass_simulation(version: TestVersion) -> None:
    """The row of a simulation without a fault, where the bank has a release to deliver."""
    release = version.test.bank.current_release
    if release is None:
        return
    Simulation.objects.create(
        test_version=version,
        release=release,
        theta_mean=0.0,
        theta_sd=1.0,
        points=[-1.0, 1.0],
        per_point=50,
        status=Simulation.Status.SUCCEEDED,
        finished_at=timezone.now(),
        violations=0,
    )


def make_student(name: str = "kim", **settings: Any) -> Examinee:
    user = get_user_model().objects.create_user(name)
    return Examinee.objects.create(
        external_id=name, display_name=name.title(), user=user, **settings
    )


def acts_of_delivery() -> QuerySet[AuditEntry]:
    """What the audit trail holds beside the acts by which the bank of the test was made."""
    return AuditEntry.objects.exclude(object_type__startswith="items.")


def make_staff(name: str, role: str) -> Any:
    return make_user(name, role)


def make_group(code: str, teacher: Any, *members: Examinee) -> ExamineeGroup:
    group = ExamineeGroup.objects.create(code=code, name=code)
    group.teachers.add(teacher)
    for member in members:
        member.groups.add(group)
    return group


HOUR = timedelta(hours=1)


def redeem(student: Examinee, test: Test) -> tuple[UUID, str]:
    """(session, bearer's token) of a new ticket that is used at once."""
    now = timezone.now()
    return redeem_ticket(issue_ticket(student, test, None, now, HOUR), now)
