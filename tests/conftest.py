"""Where Chromium is required (`.ci/run` says so), a browser test that is skipped has failed."""

import os
from collections.abc import Generator
from typing import Any

import pytest

REQUIRE_BROWSER = "IRTCAT_REQUIRE_BROWSER"


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
