#!/usr/bin/env python
import os
import sys

from django.core.management import execute_from_command_line
from django.db import OperationalError

from irtcat_site.embedded import connection

NOT_RUNNING = (
    "irtcat: this needs the database, and none is running: start `make demo` in another terminal, "
    "or set DATABASE_URL, REDIS_URL and SECRET_KEY."
)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "irtcat_site.settings")
    # Our matrices are small: more threads cost more than they gain.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        execute_from_command_line(sys.argv)
    except OperationalError:
        if os.environ.get("DATABASE_URL") or connection.is_running():
            raise
        sys.exit(NOT_RUNNING)


if __name__ == "__main__":
    main()
