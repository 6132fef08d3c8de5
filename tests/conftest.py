"""Quick passwords; browser tests last; where Chromium is required, a skipped one has failed."""

import os
from collections.abc import Generator
from typing import Any

import pytest
from django.test import override_settings

from tests.parallel import (
    _own_broker,
    django_db_modify_db_settings,
    pytest_xdist_auto_num_workers,
)

__all__ = ["_own_broker", "django_db_modify_db_settings", "pytest_xdist_auto_num_workers"]
REQUIRE_BROWSER = "IRTCAT_REQUIRE_BROWSER"


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
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    required = os.environ.get(REQUIRE_BROWSER) and item.get_closest_marker("browser")
    if required and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{REQUIRE_BROWSER} is set, but this was skipped: {report.longrepr}"
    return report
