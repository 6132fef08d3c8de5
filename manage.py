#!/usr/bin/env python
import os
import sys

from irtcat_site.embedded import connection

NOT_RUNNING = (
    "irtcat: this needs the database, and none is running: start `make demo` in another terminal, "
    "or set DATABASE_URL, REDIS_URL and SECRET_KEY."
)
# From files to files. Loading the apps would take them longer than their work does.
WITHOUT_APPS = {"calibrate_csv", "calibration_report", "generate_data", "score_csv"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "irtcat_site.settings")
    # Our matrices are small: more threads cost more than they gain.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if WITHOUT_APPS.intersection(sys.argv[1:2]):
        run_without_apps(sys.argv)
    else:
        run(sys.argv)


def run_without_apps(arguments: list[str]) -> None:
    from django.apps import apps
    from django.core.management import load_command_class

    apps.populate([])
    load_command_class("scoring", arguments[1]).run_from_argv(arguments)


def run(arguments: list[str]) -> None:
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(arguments)
    except OperationalError:
        if os.environ.get("DATABASE_URL") or connection.is_running():
            raise
        sys.exit(NOT_RUNNING)


if __name__ == "__main__":
    main()
