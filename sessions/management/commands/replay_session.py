"""`replay_session UUID`: does a session come out again as it was?"""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from sessions.delivery.replay import replay
from sessions.models import Session


class Command(BaseCommand):
    help = (
        "Derive every item, theta and standard error of a session again, from its release, test "
        "version, seed and answers, and compare. Exit status 1 where anything differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("session", type=UUID, help="the session's id")

    def handle(self, *args: Any, **options: Any) -> None:
        session = Session.objects.filter(pk=options["session"]).first()
        if session is None:
            raise CommandError(f"There is no session {options['session']}.")
        comparison = replay(session)
        for difference in comparison.differences:
            self.stdout.write(str(difference))
        if not comparison.is_exact:
            raise CommandError(
                f"{len(comparison.differences)} differences: the session does not replay."
            )
        self.stdout.write(f"{comparison.answers} answers replayed: every item and θ is the same.")
