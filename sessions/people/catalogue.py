"""Which tests there are to take."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch

from items.models import in_language
from items.rendering import render_text
from sessions.delivery.lengths import answers_for
from sessions.models import Test, TestVersion


@dataclass(frozen=True, slots=True)
class TestEntry:
    """A test as it is offered by `version`; title and instructions (HTML) in one language."""

    version: TestVersion
    slug: str
    title: str
    instructions: str
    min_items: int
    max_items: int
    time_limit: int | None
    window_start: datetime | None
    window_end: datetime | None
    may_omit: bool


def tests_for(user: Any, now: datetime, language: str) -> list[TestEntry]:
    """The tests open to students now; for staff who may view tests, all that have a version.

    Students are told of the version that is delivered, staff of the newest.
    """
    sees_all = user.has_perm("cat_sessions.view_test")
    versions = TestVersion.objects.all() if sees_all else TestVersion.objects.deliverable()
    newest_first = Prefetch("versions", versions.order_by("-number"))
    tests = Test.objects.order_by("slug").select_related("bank").prefetch_related(newest_first)
    offered = [
        (test, version)
        for test in (tests if sees_all else tests.filter(is_open=True))
        for version in test.versions.all()[:1]
    ]
    return [
        entry_of(test, version, language)
        for test, version in offered
        if sees_all or version.is_open_at(now)
    ]


def entry_of(test: Test, version: TestVersion, language: str) -> TestEntry:
    """The test as it is offered in one language."""
    slots, positions = version.pretest_items, version.pretest_positions
    return TestEntry(
        version=version,
        slug=test.slug,
        title=in_language(test.title, language),
        instructions=render_text(in_language(test.instructions, language)),
        min_items=answers_for(version.min_items, slots, positions, slots),
        max_items=answers_for(version.max_items, slots, positions, slots),
        time_limit=version.time_limit,
        window_start=version.window_start,
        window_end=version.window_end,
        may_omit=version.omit_policy != TestVersion.OmitPolicy.REFUSED,
    )
