import io
import logging

import structlog


def test_a_structured_event_is_written_as_one_line(capsys):
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(logging.getLogger().handlers[0].formatter)
    logger = logging.getLogger("irtcat.test")
    logger.addHandler(handler)

    structlog.get_logger("irtcat.test").warning("run taken up", run=7)

    logger.removeHandler(handler)
    (line,) = lines.getvalue().splitlines()
    assert "run taken up" in line
    assert "Logging error" not in capsys.readouterr().err
