"""The demo class: pupils with a teacher, who take the mathematics test through delivery itself."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.contrib.auth import get_user_model
from django.utils import timezone

from demo.bank.content import DemoItem
from demo.bank.simulate import answer_item
from demo.pretest import stored_answer
from items.answers import scoring_rule, shown_order
from items.models import ItemVersion
from sessions.delivery.access import Caller
from sessions.delivery.delivery import record_response, start_session
from sessions.models import Examinee, ExamineeGroup, Session, Test

# Name, language and true ability: what the simulated pupils answer by.
PUPILS = (
    ("Amira", "en", 0.9),
    ("Ben", "en", -0.4),
    ("Chloe", "en", 0.1),
    ("Daniel", "en", 1.6),
    ("Emre", "en", -1.3),
    ("Freya", "en", 0.4),
    ("김서연", "ko", 1.1),
    ("이도윤", "ko", -0.7),
    ("박지우", "ko", 0.2),
    ("최하준", "ko", -1.8),
)
SEED = 20240304


def ensure_class(test: Test, items: Sequence[DemoItem]) -> None:
    """The class with its teacher, its pupils' sessions, and the student who signs in."""
    users = get_user_model().objects
    group, _ = ExamineeGroup.objects.get_or_create(
        code="demo-class", defaults={"name": "Demo class"}
    )
    group.teachers.add(users.get(username="teacher"))
    student, _ = Examinee.objects.get_or_create(
        external_id="student",
        defaults={"display_name": "Sam Student", "user": users.get(username="student")},
    )
    student.groups.add(group)
    for number, (name, language, theta) in enumerate(PUPILS):
        pupil, _ = Examinee.objects.get_or_create(
            external_id=f"pupil-{number + 1}",
            defaults={"display_name": name, "language": language},
        )
        pupil.groups.add(group)
        if not pupil.sessions.filter(test=test).exclude(status=Session.Status.OPEN).exists():
            _take(pupil, test, items, theta, np.random.default_rng([SEED, number]))


def _take(
    pupil: Examinee, test: Test, items: Sequence[DemoItem], theta: float, rng: np.random.Generator
) -> None:
    """Answer until the test ends; an open session is taken up where it stands."""
    by_code = {item.code: item for item in items}
    session_id, _created = start_session(pupil, test, timezone.now())
    caller = Caller(session_id=session_id)
    while True:
        session = Session.objects.get(pk=session_id)
        if session.due_item_version_id is None:
            return
        version = ItemVersion.objects.select_related("item").get(pk=session.due_item_version_id)
        item = by_code[version.item.code]
        record_response(
            session_id,
            session.position,
            version.pk,
            _as_shown(stored_answer(item, answer_item(item, theta, rng)), version, session.seed),
            caller=caller,
            received_at=timezone.now(),
        )


def _as_shown(answer: dict[str, Any], version: ItemVersion, seed: int) -> dict[str, Any]:
    """The answer as a browser sends it: options by the places at which the session saw them."""
    shown = shown_order(scoring_rule(version), version.pk, seed)
    if shown is None:
        return answer
    return {name: [shown.index(place) + 1 for place in places] for name, places in answer.items()}
