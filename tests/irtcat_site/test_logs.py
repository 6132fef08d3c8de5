import json
import logging
import logging.config

import pytest
import structlog
from django.conf import settings


@pytest.fixture
def lines(caplog):
    """What settings.LOGGING makes of the records of this test, one parsed line each."""
    caplog.set_level(logging.INFO)
    configurator = logging.config.DictConfigurator(settings.LOGGING)
    formatter = configurator.configure_formatter(configurator.config["formatters"]["line"])
    return lambda: [json.loads(formatter.format(record)) for record in caplog.records]


def test_a_log_record_is_one_line_of_json_whoever_writes_it(lines):
    structlog.get_logger("irtcat.request").info("request", status=200)
    logging.getLogger("django.request").warning("%s: %s", "Conflict", "/api")
    ours, theirs = lines()
    assert (ours["event"], ours["status"], ours["level"]) == ("request", 200, "info")
    assert (theirs["event"], theirs["level"], theirs["logger"]) == (
        "Conflict: /api",
        "warning",
        "django.request",
    )


def test_an_error_is_logged_with_its_traceback(lines):
    try:
        raise ValueError("wrong")
    except ValueError:
        logging.getLogger("irtcat").exception("failed")
    (line,) = lines()
    assert line["event"] == "failed"
    assert line["exception"].endswith("ValueError: wrong")
