import io
import json
import logging

import structlog
from structlog.stdlib import ProcessorFormatter

from irtcat_site import logs


def logged(write):
    """The JSON lines that `write` logs through the formatter of the settings."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        ProcessorFormatter(processor=logs.render, foreign_pre_chain=logs.SHARED_PROCESSORS)
    )
    logger = logging.getLogger("irtcat.test")
    logger.addHandler(handler)
    try:
        write()
    finally:
        logger.removeHandler(handler)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_own_records_and_those_of_libraries_become_one_line_of_json():
    def write():
        structlog.get_logger("irtcat.test").warning("answer", position=3)
        logging.getLogger("irtcat.test").warning("plain %s", "words")

    ours, theirs = logged(write)
    assert (ours["event"], ours["position"], ours["level"]) == ("answer", 3, "warning")
    assert (theirs["event"], theirs["logger"]) == ("plain words", "irtcat.test")


def test_a_traceback_stays_within_its_line():
    def write():
        try:
            raise ValueError("broken")
        except ValueError:
            structlog.get_logger("irtcat.test").exception("failed")

    (record,) = logged(write)
    assert record["exception"].endswith("ValueError: broken")


def test_no_line_tells_the_secret_of_a_ticket_whoever_writes_it():
    def write():
        logging.getLogger("irtcat.test").warning("%s: %s", "Conflict", "/t/aVery-Secret_0")
        logging.getLogger("irtcat.test").warning("read %s", "/usr/t/aFile")

    link, file = logged(write)
    assert link["event"] == "Conflict: /t/…"
    assert file["event"] == "read /usr/t/aFile"
