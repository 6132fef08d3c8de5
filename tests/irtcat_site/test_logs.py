import json
import logging
import logging.config

import structlog
from django.conf import settings


def test_a_log_record_becomes_one_line_of_json():
    configurator = logging.config.DictConfigurator(settings.LOGGING)
    formatter = configurator.configure_formatter(configurator.config["formatters"]["line"])
    assert isinstance(formatter, structlog.stdlib.ProcessorFormatter)
    record = logging.LogRecord("irtcat", logging.INFO, "x.py", 1, "started %s", ("run",), None)
    line = json.loads(formatter.format(record))
    assert (line["event"], line["level"], line["logger"]) == ("started run", "info", "irtcat")
