"""Quick passwords; browser tests last; in CI, a skipped test has failed."""

import os
from collections.abc import Generator
from typing import TypeVar

import pytest
from django.test import override_settings
from django.utils import translation

from tests.parallel import (
    _own_broker,
    django_db_modify_db_settings,
    pytest_xdist_auto_num_workers,
)

__all__ = ["_own_broker", "django_db_modify_db_settings", "pytest_xdist_auto_num_workers"]
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
# Why a test may be skipped where nobody reads the summary: what a machine cannot have.
ALLOWED_SKIPS = (
    "only root gives up being root",
    "there is no embedded PostgreSQL for this system to be killed",
)


@pytest.fixture(autouse=True)
def _language_of_nobody() -> Generator[None]:
    """A page that a test reads in Korean leaves its language to the tests that follow."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True, scope="session")
def _cheap_passwords() -> Generator[None]:
    """A test that makes a user would otherwise spend most of its time on the password."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Once begun, Playwright's event loop runs in the main thread until the session ends, and
    neither asyncio nor (in Python 3.11) ast.parse is itself beside it.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _judge_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _judge_skip((yield))


def _judge_skip(report: Report) -> Report:
    """In CI a skip that is not allowed has failed: otherwise nobody would notice it."""
    is_skip = report.skipped and not hasattr(report, "wasxfail")
    if is_skip and os.environ.get("CI") and not _is_allowed(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"This was skipped, which CI does not allow: {report.longrepr}"
    return report


def _is_allowed(skip: object) -> bool:
    reason = str(skip[2]) if isinstance(skip, tuple) else ""
    return reason.removeprefix("Skipped: ") in ALLOWED_SKIPS
