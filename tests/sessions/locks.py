"""Rows that somebody else holds."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

from django.db import connections, transaction
from django.db.models import QuerySet


@contextmanager
def locked(rows: QuerySet) -> Iterator[None]:
    """Within it another connection holds the locks of the rows."""
    held, done = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            list(rows.all().select_for_update())
            held.set()
            done.wait(timeout=30)
        connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        held.wait(timeout=30)
        try:
            yield
        finally:
            done.set()
            holding.result()
