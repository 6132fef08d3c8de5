"""A small bank, tests and people, made row by row, so that each test says what it needs."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone

from items.models import Bank, BankRelease, ContentArea, Item, ItemVersion, Option, ReleasedItem
from sessions.models import Examinee, ExamineeGroup, Simulation, Test, TestVersion

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
    bank = Bank.objects.create(slug=slug, name=slug, languages=["en", "ko"])
    places = [
        ContentArea.objects.create(bank=bank, code=code, name={"en": code.title()})
        for code in areas
    ]
    release = BankRelease.objects.create(bank=bank)
    for index, difficulty in enumerate(np.linspace(-2, 2, n_items)):
        area = places[index % len(places)]
        version = make_item(bank, area, f"{CANARY_CODE}-{index:03}", key=1 + index % N_OPTIONS)
        ReleasedItem.objects.create(
            release=release,
            item=version.item,
            item_version=version,
            role="operational",
            model="2pl",
            discrimination=CANARY_DISCRIMINATION,
            difficulty=[float(difficulty)],
            enemy_groups=["pair"] if index in enemies else [],
        )
    for index in range(n_items, n_items + n_pretest):
        version = make_item(bank, places[0], f"{CANARY_CODE}-{index:03}", key=1)
        ReleasedItem.objects.create(
            release=release, item=version.item, item_version=version, role="pretest", model="2pl"
        )
    publish(release, 1)
    return bank


def make_item(bank: Bank, area: ContentArea, code: str, key: int) -> ItemVersion:
    item = Item.objects.create(bank=bank, code=code)
    number = code.rpartition("-")[2]
    version = ItemVersion.objects.create(
        item=item,
        number=1,
        status="operational",
        area=area,
        response_kind="single_choice",
        stem={"en": f"Stem of question {number}", "ko": f"{number}번 문항"},
        rationale={"en": CANARY_RATIONALE},
    )
    Option.objects.bulk_create(
        Option(
            item_version=version,
            position=position,
            text={"en": f"Option {position}", "ko": f"보기 {position}"},
            score=int(position == key),
            is_sole_key=position == key,
            note=CANARY_NOTE,
        )
        for position in range(1, N_OPTIONS + 1)
    )
    return version


def publish(release: BankRelease, number: int) -> None:
    release.number, release.published_at = number, timezone.now()
    release.save(update_fields=["number", "published_at"])


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


def make_staff(name: str, role: str) -> Any:
    user = get_user_model().objects.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


def make_group(code: str, teacher: Any, *members: Examinee) -> ExamineeGroup:
    group = ExamineeGroup.objects.create(code=code, name=code)
    group.teachers.add(teacher)
    for member in members:
        member.groups.add(group)
    return group


HOUR = timedelta(hours=1)
